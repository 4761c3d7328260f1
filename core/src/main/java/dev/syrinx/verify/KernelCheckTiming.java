package dev.syrinx.verify;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaTimer;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.PlacedArguments;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Times the CUDA variants on the model's own shapes. Nothing here says that a result is right: {@link KernelCheck} does. */
public final class KernelCheckTiming {
  private static final int SAMPLES = 20;

  /** All inputs of a case together at most. */
  private static final long MOST_BYTES = 4L << 30;

  private static final int MOST_SETS = 64;

  private final CudaBackend backend;
  private final Consumer<Time> listener;

  /** @param listener is told each time as soon as it is known */
  public KernelCheckTiming(CudaBackend backend, Consumer<Time> listener) {
    this.backend = backend;
    this.listener = listener;
  }

  /**
   * What a call takes.
   *
   * @param shape the case's axes and scalars
   * @param micros median of the samples; NaN if it failed
   * @param least fastest sample
   * @param gigabytesPerSecond of the least traffic that the call needs
   * @param teraflopsPerSecond of the arithmetic that the call needs
   * @param sets inputs that took turns
   * @param failure why there is no time; empty if there is one
   */
  public record Time(
      String kernel, String variant, DType type, String name, String shape, double micros, double least, double gigabytesPerSecond, double teraflopsPerSecond, int sets,
      String failure) {}

  /** Times every variant that takes a case, for every type of weights. */
  public List<Time> run(List<KernelSpec> specs) {
    List<Time> times = new ArrayList<>();
    try (CudaTimer timer = new CudaTimer(backend)) {
      for (KernelSpec spec : specs) {
        for (DType type : spec.dtypes().stream().sorted().toList()) {
          for (CudaVariant variant : backend.variants(spec)) {
            spec.cases().stream().filter(Case::model).forEach(c -> time(timer, spec, type, variant, c, times));
          }
        }
      }
    }
    return times;
  }

  private void time(CudaTimer timer, KernelSpec spec, DType type, CudaVariant variant, Case c, List<Time> times) {
    try (Arena arena = Arena.ofShared(); var scope = backend.scope()) {
      PlacedArguments placed = PlacedArguments.of(spec, c, type, variant.layouts(), PlacedArguments.Hurt.NOTHING, PlacedArguments.Placement.EVEN, arena);
      if (variant.supports().test(placed.arguments())) {
        Time time = time(timer, placed, type, variant, c);
        times.add(time);
        listener.accept(time);
      }
    }
  }

  private Time time(CudaTimer timer, PlacedArguments placed, DType type, CudaVariant variant, Case c) {
    Arguments call = placed.arguments();
    String shape = c.extents() + (c.scalars().isEmpty() ? "" : " " + c.scalars());
    try {
      List<Runnable> calls = calls(placed, variant);
      double[] micros = timer.micros(calls, SAMPLES);
      Arrays.sort(micros);
      double median = (micros[(SAMPLES - 1) / 2] + micros[SAMPLES / 2]) / 2;
      Cost cost = call.spec().cost(call);
      return new Time(
          call.spec().name(), variant.name(), type, c.name(), shape, median, micros[0], cost.bytes() / median / 1e3, cost.flops() / median / 1e6, calls.size(), "");
    } catch (RuntimeException e) { // one kernel that fails must not hide the others
      return new Time(call.spec().name(), variant.name(), type, c.name(), shape, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0, e.toString());
    }
  }

  /** The call over as many sets of inputs as it takes to be larger than the cache. */
  private List<Runnable> calls(PlacedArguments placed, CudaVariant variant) {
    long bytes = placed.buffers().values().stream().mapToLong(MemorySegment::byteSize).sum();
    long wanted = Math.clamp(Math.min(3L * backend.cacheBytes(), MOST_BYTES) / bytes + 1, 1, MOST_SETS);
    List<Runnable> calls = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      Map<String, MemorySegment> copies = new LinkedHashMap<>();
      placed.buffers().forEach((name, whole) -> {
        MemorySegment copy = backend.temporary(whole.byteSize());
        backend.upload(whole, copy);
        copies.put(name, copy);
      });
      Arguments call = placed.elsewhere(placed.arguments(), copies);
      calls.add(() -> backend.run(call, variant));
    }
    return calls;
  }
}
