package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.ffi.cuda.CudaModule;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaAbi;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.gemm.Gemm;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A declaration on a device: the variants that may run, their functions, and its parameter block. */
final class DeviceKernel {
  private final KernelSpec spec;
  private final List<CudaVariant> variants;
  private final Map<String, Layout> layouts;
  private final List<ArgumentBlock.Kind> kinds;
  private final Arena arena;
  private final Map<Integer, ArgumentBlock> blocks = new HashMap<>();
  private final Function<String, CudaModule> modules;
  private final Plans plans = new Plans(this);
  private final IdentityHashMap<CudaVariant, Map<String, CudaFunction>> functions = new IdentityHashMap<>();

  /**
   * @param variants those that may run; the first that takes a call does
   * @param modules loads a source
   */
  DeviceKernel(KernelSpec spec, List<CudaVariant> variants, Arena arena, Function<String, CudaModule> modules) {
    this.spec = spec;
    this.modules = modules;
    this.variants = List.copyOf(variants);
    layouts = variants.isEmpty() ? Map.of() : variants.getFirst().layouts();
    kinds = CudaAbi.of(spec).stream().map(DeviceKernel::kind).toList();
    this.arena = arena;
  }

  private static ArgumentBlock.Kind kind(CudaAbi.Kind kind) {
    return switch (kind) {
      case ADDRESS -> ArgumentBlock.Kind.ADDRESS;
      case INT -> ArgumentBlock.Kind.INT;
      case FLOAT -> ArgumentBlock.Kind.FLOAT;
      case WINDOW -> ArgumentBlock.Kind.MAP;
    };
  }

  List<CudaVariant> variants() {
    return variants;
  }

  /** Layout in which weights are wanted: that of the variant that is asked first. */
  Layout layout(String param) {
    return layouts.getOrDefault(param, Layout.ROW_MAJOR);
  }

  /**
   * The variant for a call.
   *
   * @throws UnsupportedCallException if none takes it
   */
  CudaVariant variant(Arguments call) {
    return plans.variant(call);
  }

  /** What a variant launches for a call. */
  Plans.Plan plan(Arguments call, CudaVariant variant, Gpu gpu) {
    return plans.plan(call, variant, gpu);
  }

  /** Asks the variants. */
  CudaVariant choose(Arguments call) {
    for (CudaVariant variant : variants) {
      if (takes(variant, call)) {
        return variant;
      }
    }
    String why = variants.isEmpty() ? "has no CUDA variant" : "has no CUDA variant that takes this call: " + variants.stream().map(CudaVariant::name).toList() + " decline";
    throw new UnsupportedCallException("kernel " + spec.name() + " " + why + ", " + call + "; run with --device cpu, or use another precision");
  }

  /** The variant whose sums do not depend on how many rows a product has: the one for few rows, which takes any number of them, if slowly. */
  CudaVariant rowwise(CudaVariant chosen) {
    return spec == Gemm.SPEC ? variants.stream().filter(v -> v.name().equals("skinny")).findFirst().orElse(chosen) : chosen;
  }

  /** A weight that was packed for one variant is noise to another. */
  private boolean takes(CudaVariant variant, Arguments call) {
    for (String param : layouts.keySet()) {
      if (call.has(param) && !call.view(param).layout().equals(variant.layouts().getOrDefault(param, Layout.ROW_MAJOR))) {
        return false;
      }
    }
    return variant.supports().test(call);
  }

  CudaFunction function(CudaVariant variant, String entry) {
    Map<String, CudaFunction> known = functions.computeIfAbsent(variant, v -> new HashMap<>());
    CudaFunction function = known.get(entry);
    if (function == null) {
      function = modules.apply(variant.source()).function(entry);
      known.put(entry, function);
    }
    return function;
  }

  /** The block for calls that run at once, with so many windows; the driver copies it at launch. */
  ArgumentBlock block(int windows) {
    return blocks.computeIfAbsent(windows, count -> newBlock(arena, count));
  }

  /** A block that keeps its values, for a recorded call. */
  ArgumentBlock newBlock(Arena place, int windows) {
    List<ArgumentBlock.Kind> all = new ArrayList<>(kinds);
    all.addAll(Collections.nCopies(windows, ArgumentBlock.Kind.MAP));
    return new ArgumentBlock(place, all);
  }
}
