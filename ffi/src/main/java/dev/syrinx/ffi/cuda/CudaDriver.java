package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.Downcall;
import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The CUDA driver, initialised. Calls may come from any thread.
 *
 * <p>The driver alone is needed, no toolkit: {@code libcuda.so.1} belongs to it.
 */
public final class CudaDriver {
  /** Oldest driver that runs binaries of CUDA 13, as cuDriverGetVersion counts: 1000 · major + 10 · minor. It is driver 580. */
  public static final int MINIMUM_VERSION = 13000;

  private static final String UPDATE = "install NVIDIA driver 580 or newer";

  private static final int SUCCESS = 0;
  // CUdevice_attribute
  private static final int MULTIPROCESSOR_COUNT = 16;
  private static final int COMPUTE_CAPABILITY_MAJOR = 75;
  private static final int COMPUTE_CAPABILITY_MINOR = 76;

  private static final int NAME_BYTES = 256;
  private static final long TEXT_LIMIT = 4096;

  private final NativeLibrary library;
  private final Downcall errorName;
  private final Downcall errorString;
  private final int version;
  private CudaApi api;

  private CudaDriver(NativeLibrary library) {
    this.library = library;
    errorName = Downcall.status(library, "cuGetErrorName", JAVA_INT, ADDRESS);
    errorString = Downcall.status(library, "cuGetErrorString", JAVA_INT, ADDRESS);
    check("cuInit", Downcall.status(library, "cuInit", JAVA_INT).call(0));
    version = readInt("cuDriverGetVersion", Downcall.status(library, "cuDriverGetVersion", ADDRESS));
  }

  /** Loads and starts this machine's driver, or says why that is not possible. */
  public static Probe<CudaDriver> probe() {
    return probe(NativeLibrary.open("the CUDA driver", "libcuda.so.1"));
  }

  /** The same for a given library. */
  public static Probe<CudaDriver> probe(NativeLibrary library) {
    if (!library.present()) {
      return new Probe.Absent<>(library.reason(), UPDATE + " if this machine has an NVIDIA GPU");
    }
    try {
      CudaDriver driver = new CudaDriver(library);
      if (driver.version() < MINIMUM_VERSION) {
        String reason = "the driver is made for CUDA " + text(driver.version()) + ", which is older than CUDA " + text(MINIMUM_VERSION);
        return new Probe.Absent<>(reason, UPDATE);
      }
      return new Probe.Present<>(driver);
    } catch (CudaException e) {
      return new Probe.Absent<>(e.getMessage(), CudaStatus.remedy(e.status()));
    } catch (NativeException e) {
      return new Probe.Absent<>(e.getMessage(), UPDATE);
    }
  }

  /** The name that the driver's library was loaded under. */
  public String loadedAs() {
    return library.loadedAs();
  }

  /** Newest CUDA that the driver runs: 1000 · major + 10 · minor. */
  public int version() {
    return version;
  }

  /** {@link #version} as NVIDIA writes it, such as {@code 13.0}. */
  public String versionText() {
    return text(version);
  }

  private static String text(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  /**
   * Every GPU that this process may use, by index.
   *
   * @throws CudaException if the driver refuses to tell
   */
  public List<CudaDevice> devices() {
    int count = readInt("cuDeviceGetCount", Downcall.status(library, "cuDeviceGetCount", ADDRESS));
    List<CudaDevice> devices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      devices.add(device(i));
    }
    return List.copyOf(devices);
  }

  /** The functions that the engine uses; bound when first asked for, so that an old driver can still be described. */
  synchronized CudaApi api() {
    if (api == null) {
      api = new CudaApi(library);
    }
    return api;
  }

  /** The driver's handle of a device, which need not be its index. */
  int handle(int index) {
    return readInt("cuDeviceGet(" + index + ")", Downcall.status(library, "cuDeviceGet", ADDRESS, JAVA_INT), index);
  }

  private CudaDevice device(int index) {
    int handle = handle(index);
    Downcall attribute = Downcall.status(library, "cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
    return new CudaDevice(
        index,
        deviceName(handle),
        readInt("cuDeviceGetAttribute(compute capability)", attribute, COMPUTE_CAPABILITY_MAJOR, handle),
        readInt("cuDeviceGetAttribute(compute capability)", attribute, COMPUTE_CAPABILITY_MINOR, handle),
        readInt("cuDeviceGetAttribute(multiprocessors)", attribute, MULTIPROCESSOR_COUNT, handle),
        deviceMemory(handle));
  }

  private String deviceName(int handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(NAME_BYTES);
      check("cuDeviceGetName", Downcall.status(library, "cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT).call(name, NAME_BYTES, handle));
      return name.getString(0);
    }
  }

  private long deviceMemory(int handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(JAVA_LONG);
      check("cuDeviceTotalMem", Downcall.status(library, "cuDeviceTotalMem_v2", ADDRESS, JAVA_INT).call(bytes, handle));
      return bytes.get(JAVA_LONG, 0);
    }
  }

  /** Calls a function whose first parameter is an {@code int*} to write to. */
  private int readInt(String call, Downcall function, Object... rest) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      Object[] arguments = new Object[rest.length + 1];
      arguments[0] = out;
      System.arraycopy(rest, 0, arguments, 1, rest.length);
      check(call, function.call(arguments));
      return out.get(JAVA_INT, 0);
    }
  }

  void check(String call, int status) {
    if (status != SUCCESS) {
      throw new CudaException(call, status, meaning(status));
    }
  }

  /** The driver's own name and words; drivers older than an error return no text for it. */
  String meaning(int status) {
    String name = describe(errorName, status);
    String words = describe(errorString, status);
    return (name.isEmpty() ? CudaStatus.name(status) : name) + " (" + status + ")" + (words.isEmpty() ? "" : ", " + words);
  }

  private static String describe(Downcall function, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment text = function.call(status, out) == SUCCESS ? out.get(ADDRESS, 0) : MemorySegment.NULL;
      return text.address() == 0 ? "" : text.reinterpret(TEXT_LIMIT).getString(0);
    }
  }
}
