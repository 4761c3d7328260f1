package dev.syrinx.kernels.norm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/**
 * Launches of the row norms: 4 or 32 lanes of a warp for a row, or a block of 256 threads. How many depends on the columns alone, so that a
 * row gives the same bytes whatever stands beside it.
 */
final class NormPlan {
  private static final int BLOCK = 128;

  private NormPlan() {}

  static List<Launch> rows(String name, Arguments a, Gpu gpu) {
    int rows = a.dim("t");
    int columns = a.dim("c");
    if (rows == 0 || columns == 0) {
      return List.of();
    }
    int sharing = columns <= 32 ? 4 : columns <= 512 ? 32 : 256;
    int threads = Math.max(BLOCK, sharing);
    int blocks = Math.min(Launch.blocks(rows, threads / sharing), 16 * gpu.multiprocessors());
    return List.of(Launch.row(name + "_" + sharing + (a.half("y") ? "_half" : ""), blocks, threads));
  }
}
