package dev.syrinx.ffi.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CudaDriverTest {
  @TempDir private Path folder;

  @Test
  void oneDevice() throws Exception {
    CudaDriver driver = present("INIT_STATUS=0", "VERSION=13020", "DEVICES=1");
    assertEquals("13.2", driver.versionText());
    assertEquals(List.of(new CudaDevice(0, "Fake GPU", 9, 0, 132, 80L << 30)), driver.devices());
    assertEquals("9.0", driver.devices().getFirst().computeCapability());
    assertTrue(driver.loadedAs().endsWith("libfake.so"), driver.loadedAs());
  }

  @Test
  void twoDevicesKeepTheirOrdinals() throws Exception {
    CudaDriver driver = present("INIT_STATUS=0", "VERSION=13000", "DEVICES=2");
    assertEquals(List.of(0, 1), driver.devices().stream().map(CudaDevice::index).toList());
  }

  @Test
  void noDeviceIsTheDriversOwnReason() throws Exception {
    Probe.Absent<CudaDriver> absent = absent("INIT_STATUS=100", "VERSION=13000", "DEVICES=0");
    assertEquals("cuInit: CUDA_ERROR_NO_DEVICE (100), no CUDA-capable device is detected", absent.reason());
    assertTrue(absent.remedy().contains("CUDA_VISIBLE_DEVICES"), absent.remedy());
  }

  @Test
  void libraryAndKernelModuleThatDiffer() throws Exception {
    Probe.Absent<CudaDriver> absent = absent("INIT_STATUS=803", "VERSION=13000", "DEVICES=1");
    assertEquals("cuInit: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)", absent.reason());
    assertTrue(absent.remedy().contains("reboot"), absent.remedy());
  }

  @Test
  void anErrorNobodyKnows() throws Exception {
    Probe.Absent<CudaDriver> absent = absent("INIT_STATUS=999", "VERSION=13000", "DEVICES=1");
    assertEquals("cuInit: CUDA error (999)", absent.reason());
    assertTrue(absent.remedy().contains("nvidia-smi"), absent.remedy());
  }

  @Test
  void driverOlderThanOurBinaries() throws Exception {
    Probe.Absent<CudaDriver> absent = absent("INIT_STATUS=0", "VERSION=12040", "DEVICES=1");
    assertEquals("the driver is made for CUDA 12.4, which is older than CUDA 13.0", absent.reason());
    assertTrue(absent.remedy().contains("580"), absent.remedy());
  }

  @Test
  void driverWithoutAFunctionNamesIt() throws Exception {
    CudaDriver driver = present("INIT_STATUS=0", "VERSION=13000", "DEVICES=1", "WITHOUT_DEVICES");
    String message = assertThrows(NativeException.class, driver::devices).getMessage();
    assertTrue(message.contains("cuDeviceGetCount"), message);
  }

  @Test
  void noLibraryIsAReasonToo() {
    NativeLibrary none = NativeLibrary.open("the CUDA driver", "libno-such-driver.so.1");
    Probe.Absent<CudaDriver> absent = assertInstanceOf(Probe.Absent.class, CudaDriver.probe(none), "probe");
    assertTrue(absent.reason().contains("libno-such-driver.so.1"), absent.reason());
  }

  @Test
  void thisMachineAnswersWithoutAnError() {
    CudaDriver.probe().toOptional().ifPresent(CudaDriver::devices);
    CudaLibraries.cublas();
    CudaLibraries.cublasLt();
  }

  private CudaDriver present(String... macros) throws Exception {
    return CudaDriver.probe(FakeDriver.build(folder, macros)).toOptional().orElseThrow();
  }

  private Probe.Absent<CudaDriver> absent(String... macros) throws Exception {
    return assertInstanceOf(Probe.Absent.class, CudaDriver.probe(FakeDriver.build(folder, macros)), "probe");
  }
}
