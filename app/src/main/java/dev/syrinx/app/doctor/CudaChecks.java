package dev.syrinx.app.doctor;

import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cublas.JCublas;
import dev.syrinx.ffi.cuda.CudaDevice;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaLibraries;
import dev.syrinx.ffi.cuda.JCuda;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The GPU and its libraries. All of it is optional. */
final class CudaChecks {
  private static final String CUDA = "cuda";

  private CudaChecks() {}

  static List<Check> run() {
    List<Check> checks = new ArrayList<>(driver(CudaDriver.probe()));
    checks.add(library("cuBLAS", CudaLibraries.cublas()));
    checks.add(library("cuBLASLt", CudaLibraries.cublasLt()));
    checks.add(jcuda("JCuda", JCuda.probe()));
    checks.add(jcuda("JCublas", JCublas.probe()));
    checks.add(kernels(CudaKernels.packed()));
    return checks;
  }

  static Check kernels(CudaKernels kernels) {
    List<String> sources = kernels.sources();
    List<String> missing = sources.stream().filter(source -> kernels.image(source).isEmpty()).toList();
    if (!sources.isEmpty() && missing.size() == sources.size()) {
      return Check.absent(CUDA, "kernels", "none of " + sources.size() + " was built", "install the CUDA 13 toolkit (nvcc) and rebuild");
    }
    String built = (sources.size() - missing.size()) + " of " + sources.size() + " sources are built";
    return kernels.gap()
        .map(gap -> Check.absent(CUDA, "kernels", built + "; " + gap, "the model cannot run on a GPU with this build"))
        .orElseGet(() -> Check.ok(CUDA, "kernels", built));
  }

  static List<Check> driver(Probe<CudaDriver> probe) {
    return switch (probe) {
      case Probe.Absent<CudaDriver>(String reason, String remedy) -> List.of(Check.absent(CUDA, "driver", reason, remedy));
      case Probe.Present<CudaDriver>(CudaDriver driver) -> {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok(CUDA, "driver", "runs CUDA " + driver.versionText() + ", " + driver.loadedAs()));
        checks.addAll(devices(driver));
        yield checks;
      }
    };
  }

  private static List<Check> devices(CudaDriver driver) {
    try {
      List<CudaDevice> devices = driver.devices();
      return devices.isEmpty()
          ? List.of(Check.absent(CUDA, "device", "the driver lists no GPU", "check that CUDA_VISIBLE_DEVICES does not hide it"))
          : devices.stream().map(CudaChecks::device).toList();
    } catch (NativeException e) {
      return List.of(Check.absent(CUDA, "device", e.getMessage(), "check that nvidia-smi works"));
    }
  }

  private static Check device(CudaDevice device) {
    String value =
        String.format(
            Locale.ROOT,
            "%s, compute capability %s, %d multiprocessors, %s",
            device.name(),
            device.computeCapability(),
            device.multiprocessors(),
            MachineChecks.gib(device.memoryBytes()));
    return Check.ok(CUDA, "cuda:" + device.index(), value);
  }

  private static Check jcuda(String name, Probe<String> probe) {
    return switch (probe) {
      case Probe.Present<String>(String version) -> Check.ok(CUDA, name, version);
      case Probe.Absent<String>(String reason, String remedy) -> Check.absent(CUDA, name, reason, remedy);
    };
  }

  private static Check library(String name, Probe<NativeLibrary> probe) {
    return switch (probe) {
      case Probe.Present<NativeLibrary>(NativeLibrary library) -> Check.ok(CUDA, name, library.loadedAs());
      case Probe.Absent<NativeLibrary>(String reason, String remedy) -> Check.absent(CUDA, name, reason, remedy);
    };
  }
}
