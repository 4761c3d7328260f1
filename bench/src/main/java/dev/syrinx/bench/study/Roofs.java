package dev.syrinx.bench.study;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import dev.syrinx.tensor.Tensor;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a machine can do at most, measured: a sum of long rows for the memory, a large product for the arithmetic; the best of several runs, after one that does not count. */
final class Roofs {
  private static final Logger LOG = LoggerFactory.getLogger(Roofs.class);

  private static final int RUNS = 5;

  private final Place place;
  private final Map<Precision, StudyRecord.Roof> known = new EnumMap<>(Precision.class);

  Roofs(Place place) {
    this.place = place;
  }

  /** The roof for a cell's precision; zeros with the reason where it could not be measured. */
  StudyRecord.Roof of(Precision precision) {
    return known.computeIfAbsent(precision, p -> {
      try {
        return measured(p);
      } catch (RuntimeException e) {
        LOG.warn("the roof of {} could not be measured: {}", p, e.getMessage());
        return new StudyRecord.Roof(0, 0, "not measured: " + e.getMessage());
      }
    });
  }

  private StudyRecord.Roof measured(Precision precision) {
    boolean gpu = place.target() == Switches.Target.GPU;
    Backend backend = place.holder(precision);
    Ops ops = new Ops(backend, Taps.NONE);
    int rows = gpu ? 16384 : 2048;
    int side = gpu ? 4096 : 1024;
    double bytes = bandwidth(ops, rows, 8192);
    Precision type = new Parameters(backend, precision).around().precision();
    double flops = products(ops, type, side);
    return new StudyRecord.Roof(
        bytes, flops,
        String.format(Locale.ROOT, "best of %d: sum of two float32 arrays of %d MiB; product of %s, %d cubed, by this engine's kernels", RUNS, rows * 8192L * 4 >> 20,
            type.name().toLowerCase(Locale.ROOT), side));
  }

  private static double bandwidth(Ops ops, int rows, int cols) {
    try (var _ = ops.scope()) {
      Tensor x = ops.zeros(rows, cols);
      Tensor z = ops.zeros(rows, cols);
      Tensor y = ops.empty(rows, cols);
      double seconds = best(ops.backend(), () -> ops.combineInto(1f, x, 1f, z, y));
      return 3.0 * 4 * rows * cols / seconds;
    }
  }

  private static double products(Ops ops, Precision type, int side) {
    float[] weights = new float[side * side];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (i % 17 - 8) / 64f;
    }
    // Weights stay for as long as the backend lives: one matrix.
    Linear layer = new Parameters(ops.backend(), type).linear("roof", weights, side, side, Optional.empty());
    try (var _ = ops.scope()) {
      Tensor x = ops.input(layer, side);
      ops.fill(x.span(), 0.5f);
      Tensor y = ops.empty(side, side);
      double seconds = best(ops.backend(), () -> ops.linearInto(x, layer, dev.syrinx.kernels.activation.Activation.NONE, y));
      return 2.0 * side * side * side / seconds;
    }
  }

  private static double best(Backend backend, Runnable work) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i <= RUNS; i++) {
      backend.synchronize();
      long start = System.nanoTime();
      work.run();
      backend.synchronize();
      best = i == 0 ? best : Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return best;
  }
}
