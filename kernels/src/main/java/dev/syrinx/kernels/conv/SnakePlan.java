package dev.syrinx.kernels.conv;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * Launches of {@link Snake}. With 12 taps a thread walks down a run of rows of one column; how long the runs are, snake.cu finds from the
 * number of threads. The values do not depend on it.
 */
final class SnakePlan {
  private static final int BLOCK = 128;

  /** Threads of a multiprocessor that run together: nine blocks of 56 registers a thread. */
  private static final int TOGETHER = 1152;

  /** Shortest run: a thread repeats six rows before its own, which costs about as much as six of its own. */
  private static final int SHORTEST = 12;

  private SnakePlan() {}

  static List<Launch> launches(Arguments a, Gpu gpu) {
    int t = a.dim("t");
    int c = a.dim("c");
    if (t == 0 || c == 0) {
      return List.of();
    }
    String type = a.half("y") ? "_half" : "";
    if (a.dim("up_taps") != 12 || a.dim("down_taps") != 12) {
      return List.of(Launch.row("snake_any" + type, Launch.blocks((long) t * c, 256), 256));
    }
    long together = Math.max(1, (long) gpu.multiprocessors() * TOGETHER / c);
    long runs = Math.min(Math.ceilDiv(t, SHORTEST), together);
    return List.of(Launch.row("snake_12" + type, Launch.blocks(runs * c, BLOCK), BLOCK));
  }
}
