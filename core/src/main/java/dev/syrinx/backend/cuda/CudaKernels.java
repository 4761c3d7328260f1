package dev.syrinx.backend.cuda;

import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Which CUDA kernels there are: the declarations' own, or somebody's. */
public interface CudaKernels {
  /** Folder of the class path that holds the compiled kernels. */
  String FOLDER = "dev/syrinx/kernels/cuda/";

  /** Why there may be none. */
  String NOT_BUILT = "this build has no CUDA kernels because nvcc was not found; install the CUDA 13 toolkit and rebuild";

  /** Variants of an operation, best first. */
  List<CudaVariant> variants(KernelSpec spec);

  /** The image of a source such as {@code norm/layer_norm}: a fat binary or PTX, if it was built. */
  Optional<byte[]> image(String source);

  /** The catalogue's variants with the images of the class path. */
  static CudaKernels packed() {
    return new CudaKernels() {
      @Override
      public List<CudaVariant> variants(KernelSpec spec) {
        return spec.cuda();
      }

      @Override
      public Optional<byte[]> image(String source) {
        try (InputStream in = KernelSpec.class.getClassLoader().getResourceAsStream(FOLDER + source + ".fatbin")) {
          return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        } catch (IOException e) {
          throw new UncheckedIOException("cannot read the kernels of " + source + " from the class path", e);
        }
      }
    };
  }

  /** Why the engine cannot run with these kernels: some were not built, or not written. Empty if it can. */
  default Optional<String> gap() {
    List<KernelSpec> unwritten = KernelCatalog.ALL.stream().filter(spec -> variants(spec).isEmpty()).toList();
    if (!unwritten.isEmpty()) {
      return Optional.of("there is no CUDA variant of " + unwritten);
    }
    return sources().stream().allMatch(source -> image(source).isPresent()) ? Optional.empty() : Optional.of(NOT_BUILT);
  }

  /** Sources of all variants of the catalogue's operations. */
  default List<String> sources() {
    return KernelCatalog.ALL.stream().flatMap(spec -> variants(spec).stream()).map(CudaVariant::source).distinct().sorted().toList();
  }
}
