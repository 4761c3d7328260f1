package dev.syrinx.backend.cuda;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Times somebody's kernels in place: on the calls that the model really makes, as often as it makes them, beside the variant of this project that would run otherwise. The
 * buffers of the first call of each shape are kept, because ids and tables decide what a kernel reads.
 */
public final class KernelWatch {
  /** Shapes that are kept of one operation; more are only counted. */
  private static final int MOST_SHAPES = 24;

  private static final long MOST_BYTES = 256L << 20;
  private static final int SAMPLES = 9;

  private final CudaBackend backend;
  private final Map<String, Seen> seen = new LinkedHashMap<>();
  private long kept;
  private boolean timing;

  KernelWatch(CudaBackend backend) {
    this.backend = backend;
  }

  /** Calls of one shape. */
  private static final class Seen {
    private final KernelSpec spec;
    private final CudaVariant theirs;
    private final Optional<Arguments> copy;
    private long calls;

    private Seen(KernelSpec spec, CudaVariant theirs, Optional<Arguments> copy) {
      this.spec = spec;
      this.theirs = theirs;
      this.copy = copy;
    }
  }

  /**
   * What a shape took.
   *
   * @param shape extents and scalars
   * @param calls how often it was called
   * @param ourMicros of a call, of this project's variant; NaN where it was not timed
   * @param theirMicros of a call, of the kernel that was brought
   */
  public record Time(String kernel, String theirs, String ours, String shape, long calls, double ourMicros, double theirMicros) {}

  void ran(Arguments call, CudaVariant variant) {
    if (timing || !UserKernel.isFile(variant.source())) {
      return;
    }
    Seen entry = seen.get(key(call));
    if (entry == null) {
      entry = new Seen(call.spec(), variant, kept(call));
      seen.put(key(call), entry);
    }
    entry.calls++;
  }

  private static String key(Arguments call) {
    StringBuilder text = new StringBuilder(call.spec().name());
    call.spec().axes().forEach(axis -> text.append(' ').append(axis).append('=').append(Math.max(0, call.dim(axis))));
    for (Param param : call.spec().params()) {
      if (!param.buffer() && param.type() == dev.syrinx.kernels.DType.I32) {
        text.append(' ').append(param.name()).append('=').append(call.i32(param.name()));
      } else if (param.buffer() && param.optional() && !call.has(param.name())) {
        text.append(" no ").append(param.name());
      }
    }
    return text.toString();
  }

  private Optional<Arguments> kept(Arguments call) {
    List<Param> buffers = call.spec().params().stream().filter(p -> p.buffer() && call.has(p.name())).toList();
    long bytes = buffers.stream().mapToLong(p -> call.view(p.name()).spanBytes()).sum();
    long shapes = seen.values().stream().filter(s -> s.spec == call.spec() && s.copy.isPresent()).count();
    if (kept + bytes > MOST_BYTES || shapes >= MOST_SHAPES) {
      return Optional.empty();
    }
    kept += bytes;
    Arguments copy = call.copy();
    buffers.forEach(p -> copy.set(p.name(), call.view(p.name()).at(backend.duplicate(call.view(p.name()).segment(), call.view(p.name()).spanBytes()))));
    return Optional.of(copy.checked());
  }

  /** Times all shapes that were seen. */
  public List<Time> times() {
    timing = true;
    List<Time> times = new ArrayList<>();
    try (CudaTimer timer = new CudaTimer(backend)) {
      Map<String, Seen> all = new HashMap<>(seen);
      seen.keySet().forEach(key -> times.add(time(timer, key, all.get(key))));
    } finally {
      timing = false;
    }
    return times;
  }

  private Time time(CudaTimer timer, String key, Seen entry) {
    String shape = key.substring(entry.spec.name().length()).strip();
    Optional<CudaVariant> ours = entry.copy.flatMap(a -> backend.variants(entry.spec).stream().filter(v -> !UserKernel.isFile(v.source()) && v.supports().test(a)).findFirst());
    double our = ours.isEmpty() ? Double.NaN : micros(timer, entry.copy.get(), ours.get());
    double their = entry.copy.isEmpty() ? Double.NaN : micros(timer, entry.copy.get(), entry.theirs);
    return new Time(entry.spec.name(), entry.theirs.name(), ours.map(CudaVariant::name).orElse("-"), shape, entry.calls, our, their);
  }

  private double micros(CudaTimer timer, Arguments call, CudaVariant variant) {
    double[] micros = timer.micros(List.of(() -> backend.run(call, variant)), SAMPLES);
    Arrays.sort(micros);
    return micros[SAMPLES / 2];
  }
}
