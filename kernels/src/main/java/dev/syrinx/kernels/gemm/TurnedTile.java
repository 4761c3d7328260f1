package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;
import java.util.stream.Stream;

/**
 * A tile of {@code gemm/turned.cuh}: 128 columns of a multiple of eight rows, so that few columns of many rows are as many tiles as a device has multiprocessors.
 *
 * @param rows of x
 */
record TurnedTile(int rows) {
  /** Columns of the outputs. */
  static final int COLUMNS = 128;

  /** Blocks that have all columns of rows that are normed. */
  static final int TOGETHER = 4;

  static final int THREADS = 288;

  /** Shared memory for slices. */
  private static final int SLICES_BYTES = 225 << 10;

  private static final int MOST_STAGES = 8;

  static final List<TurnedTile> NORMED = Stream.of(64, 88, 104, 120).map(TurnedTile::new).toList();

  static final List<TurnedTile> PLAIN = Stream.of(56, 80, 112).map(TurnedTile::new).toList();

  /** The one with the fewest rows for the multiprocessor that has most of them; of two, the one that does more at once. {@code together} tiles run at once. */
  static TurnedTile best(List<TurnedTile> tiles, int rows, int together) {
    TurnedTile best = tiles.getFirst();
    for (TurnedTile tile : tiles) {
      best = tile.most(rows, together) <= best.most(rows, together) ? tile : best;
    }
    return best;
  }

  private long most(int outputRows, int together) {
    return (long) Math.ceilDiv(Launch.blocks(outputRows, rows), together) * rows;
  }

  /** Dynamic shared memory: slices and barriers. */
  int sharedBytes() {
    int stage = (COLUMNS + rows) * 128;
    return Math.min(MOST_STAGES, SLICES_BYTES / stage) * (stage + 16) + 16;
  }

  /** A launch of so many blocks for each tile of rows. */
  Launch launch(String entry, Arguments a, int outputRows, int columns, int moreBytes) {
    Launch launch = new Launch(entry + "_" + rows, Launch.blocks(outputRows, rows) * columns, 1, 1, THREADS, sharedBytes() + moreBytes);
    return launch.through(GemmWindows.inputs(a, outputRows, rows), GemmWindows.weights(a, COLUMNS));
  }

  /** Clusters that run at once: some multiprocessors of every group are left over. Thirty on an H100, as its driver says. */
  static int clusters(Gpu gpu) {
    return Math.max(1, gpu.multiprocessors() * 10 / 11 / TOGETHER);
  }
}
