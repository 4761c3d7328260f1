package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The matrix libraries beside the driver; they often live outside the system's search path, inside a toolkit or another product. */
public final class CudaLibraries {
  /** Where toolkits put libraries without telling the loader. */
  private static final List<String> TOOLKIT_FOLDERS =
      List.of("/usr/local/cuda/lib64", "/usr/local/cuda-13/lib64", "/usr/local/cuda-12/lib64", "/opt/cuda/lib64");

  private CudaLibraries() {}

  /** cuBLAS of CUDA 13, else of CUDA 12. */
  public static Probe<NativeLibrary> cublas() {
    return probe("cuBLAS", "libcublas.so.13", "libcublas.so.12");
  }

  /** cuBLAS of CUDA 12, which JCublas asks for by name. */
  public static Probe<NativeLibrary> cublas12() {
    return probe("cuBLAS of CUDA 12", "libcublas.so.12");
  }

  /** cuBLASLt of CUDA 13, else of CUDA 12. */
  public static Probe<NativeLibrary> cublasLt() {
    return probe("cuBLASLt", "libcublasLt.so.13", "libcublasLt.so.12");
  }

  private static Probe<NativeLibrary> probe(String label, String... names) {
    List<String> candidates = new ArrayList<>();
    for (String name : names) {
      candidates.add(name);
      List<Path> files = TOOLKIT_FOLDERS.stream().map(folder -> Path.of(folder, name)).filter(Files::isRegularFile).toList();
      files.forEach(file -> candidates.add(file.toString()));
    }
    return probe(NativeLibrary.open(Arena.global(), label, candidates));
  }

  /** A library that was looked for, as a probe with the remedy. */
  static Probe<NativeLibrary> probe(NativeLibrary library) {
    return library.present()
        ? new Probe.Present<>(library)
        : new Probe.Absent<>(
            library.reason(),
            "install the CUDA 13 toolkit's libraries, or name the folder that holds them in " + NativeLibrary.PATH_VARIABLE);
  }
}
