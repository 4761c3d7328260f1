package dev.syrinx.kernels;

import java.util.List;

/**
 * One launch of a CUDA entry.
 *
 * @param entry name of the {@code extern "C"} function
 * @param gridX blocks; {@code gridY}, {@code gridZ} likewise
 * @param threads threads of a block
 * @param sharedBytes dynamic shared memory of a block
 * @param windows parameters of the entry behind those of the declaration
 */
public record Launch(String entry, int gridX, int gridY, int gridZ, int threads, int sharedBytes, List<Window> windows) {
  /** Most blocks in the second and third direction. */
  public static final int MAX_GRID_YZ = 65_535;

  /** @throws IllegalArgumentException if no device could run it */
  public Launch {
    boolean grid = gridX >= 1 && gridY >= 1 && gridZ >= 1 && gridY <= MAX_GRID_YZ && gridZ <= MAX_GRID_YZ;
    if (!grid || threads < 1 || threads > 1024 || sharedBytes < 0) {
      throw new IllegalArgumentException(entry + ": impossible launch of " + gridX + "x" + gridY + "x" + gridZ + " blocks of " + threads
          + " threads with " + sharedBytes + " bytes");
    }
    windows = List.copyOf(windows);
  }

  /** A launch without windows. */
  public Launch(String entry, int gridX, int gridY, int gridZ, int threads, int sharedBytes) {
    this(entry, gridX, gridY, gridZ, threads, sharedBytes, List.of());
  }

  /** A row of blocks. */
  public static Launch row(String entry, long blocks, int threads) {
    return new Launch(entry, Math.toIntExact(blocks), 1, 1, threads, 0);
  }

  /**
   * The launch of an entry whose threads walk over any number of items: 256 threads a block, enough blocks to fill the device, none if
   * there is nothing to do.
   */
  public static List<Launch> over(String entry, long items, Gpu gpu) {
    return items == 0 ? List.of() : List.of(row(entry, Math.min(Math.ceilDiv(items, 256L), 16L * gpu.multiprocessors()), 256));
  }

  /** The same for items of four neighbouring columns. */
  public static List<Launch> overQuads(String entry, int rows, int columns, Gpu gpu) {
    return over(entry, (long) rows * Math.ceilDiv(columns, 4), gpu);
  }

  /** The same with dynamic shared memory. */
  public Launch shared(int bytes) {
    return new Launch(entry, gridX, gridY, gridZ, threads, bytes, windows);
  }

  /** The same with windows on buffers. */
  public Launch through(Window... through) {
    return new Launch(entry, gridX, gridY, gridZ, threads, sharedBytes, List.of(through));
  }

  /** Blocks of {@code size} that cover {@code count} things. */
  public static int blocks(long count, int size) {
    return Math.toIntExact((count + size - 1) / size);
  }
}
