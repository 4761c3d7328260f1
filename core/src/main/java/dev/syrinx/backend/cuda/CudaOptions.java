package dev.syrinx.backend.cuda;

import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How the engine uses a GPU.
 *
 * @param device the N of {@code cuda:N}
 * @param memoryBytes most memory to hold on the device
 * @param graphs whether recorded steps become CUDA graphs; without, they are replayed launch by launch
 * @param launcher how kernels are started
 * @param fusion whether operations become one where they can (a recorded decode step one resident kernel, products their gated units) and launches overlap
 * @param gemm whose products run
 * @param kernels somebody's kernels, which come before all variants
 * @param variants kernel name to the name of the variant that runs; kernels that are not named take the first variant that takes the call
 */
public record CudaOptions(int device, long memoryBytes, boolean graphs, Launcher launcher, boolean fusion, Gemm gemm, List<UserKernel> kernels, Map<String, String> variants) {
  /** The binding that starts kernels. */
  public enum Launcher { PANAMA, JCUDA }

  /** Whose matrix products run: this project's, or NVIDIA's library through Panama or JCuda. */
  public enum Gemm { OWN, CUBLASLT, JCUBLAS }

  /** @throws IllegalArgumentException for a kernel or variant that does not exist, naming those that do */
  public CudaOptions {
    if (device < 0 || memoryBytes < 1) {
      throw new IllegalArgumentException("a device has a number from 0 and a limit of memory from 1 byte, got cuda:" + device + " with " + memoryBytes);
    }
    kernels = List.copyOf(kernels);
    variants = Map.copyOf(variants);
    variants.forEach(CudaOptions::check);
  }

  private static void check(String kernel, String variant) {
    KernelSpec spec = KernelCatalog.ALL.stream().filter(s -> s.name().equals(kernel)).findFirst().orElseThrow(() -> {
      String known = KernelCatalog.ALL.stream().filter(s -> !s.cuda().isEmpty()).map(KernelSpec::name).collect(Collectors.joining(", "));
      return new IllegalArgumentException("no kernel is named '" + kernel + "'; on CUDA there are " + known);
    });
    List<String> known = spec.cuda().stream().map(CudaVariant::name).toList();
    if (!known.contains(variant)) {
      throw new IllegalArgumentException("kernel " + kernel + " has no CUDA variant '" + variant + "'; there are " + known);
    }
  }

  /** All memory, graphs, Panama, products of our own, first variants. */
  public static CudaOptions of(int device) {
    return new CudaOptions(device, Long.MAX_VALUE, true, Launcher.PANAMA, true, Gemm.OWN, List.of(), Map.of());
  }

  /** The same with a limit of memory. */
  public CudaOptions withMemory(long bytes) {
    return new CudaOptions(device, bytes, graphs, launcher, fusion, gemm, kernels, variants);
  }

  /** The same with or without graphs. */
  public CudaOptions withGraphs(boolean value) {
    return new CudaOptions(device, memoryBytes, value, launcher, fusion, gemm, kernels, variants);
  }

  /** The same with another binding. */
  public CudaOptions withLauncher(Launcher value) {
    return new CudaOptions(device, memoryBytes, graphs, value, fusion, gemm, kernels, variants);
  }

  /** The same with decode steps fused or call by call. */
  public CudaOptions withFusion(boolean value) {
    return new CudaOptions(device, memoryBytes, graphs, launcher, value, gemm, kernels, variants);
  }

  /** The same with somebody else's products. */
  public CudaOptions withGemm(Gemm value) {
    return new CudaOptions(device, memoryBytes, graphs, launcher, fusion, value, kernels, variants);
  }

  /** The same with one more of somebody's kernels. */
  public CudaOptions withKernel(UserKernel kernel) {
    List<UserKernel> more = new ArrayList<>(kernels);
    more.add(kernel);
    return new CudaOptions(device, memoryBytes, graphs, launcher, fusion, gemm, more, variants);
  }

  /** The same with none of somebody's kernels. */
  public CudaOptions withoutKernels() {
    return new CudaOptions(device, memoryBytes, graphs, launcher, fusion, gemm, List.of(), variants);
  }

  /**
   * Refuses what would be dropped in silence.
   *
   * @throws IllegalArgumentException with the reason
   */
  public CudaOptions checked() {
    for (UserKernel kernel : kernels) {
      if (fusion && DecodeProgram.computes(kernel.spec())) {
        throw new IllegalArgumentException(
            "kernel " + kernel.kernel() + " of " + kernel.file() + " with fusion: the resident decode kernel computes " + kernel.kernel() + " itself; add --fusion off");
      }
      if (variants.containsKey(kernel.kernel())) {
        throw new IllegalArgumentException("kernel " + kernel.kernel() + " is given as a file and as the variant " + variants.get(kernel.kernel()) + ": leave one out");
      }
    }
    return this;
  }

  /** The same with another variant of a kernel. */
  public CudaOptions withVariant(String kernel, String variant) {
    Map<String, String> more = new HashMap<>(variants);
    more.put(kernel, variant);
    return new CudaOptions(device, memoryBytes, graphs, launcher, fusion, gemm, kernels, more);
  }
}
