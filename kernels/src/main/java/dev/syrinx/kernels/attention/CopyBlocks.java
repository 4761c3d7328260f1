package dev.syrinx.kernels.attention;

import static dev.syrinx.kernels.Param.distinctIndices;
import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.inout;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Copies the beginnings of cache blocks in all planes of a pool (keys and values of all layers): the copy of copy-on-write. No block that is written may be another row's source or
 * target. Pairs and fills are read when the body runs; a fill of 0 copies nothing.
 */
public final class CopyBlocks {
  /** Thread blocks for a copied block of a plane: enough to fill a device, few where nothing is copied. */
  private static final int PARTS = 4;

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("attention", "copy_blocks", "pool[plane, pairs[r,1]·block_size + i] = pool[plane, pairs[r,0]·block_size + i], i < fills[r]")
          .params(
              distinctIndices("pairs", "blocks", "rows", "two"), counts("fills", "block_size", "rows"), inout("pool", "places", "d"), i32("blocks"), i32("block_size"))
          .cost(a -> new Cost(8.0 * a.dim("rows") * planes(a) * a.i32("block_size") * a.dim("d"), 0))
          .tolerance(Tolerance.exact())
          .require(CopyBlocks::check)
          .cases(CopyBlocks::cases)
          .variant(Variant.reference(a -> a.dim("rows") * planes(a), CopyBlocks::reference))
          .cuda(CudaVariant.of("attention/copy_blocks", CopyBlocks::launches))
          .build();

  private CopyBlocks() {}

  private static int planes(Arguments a) {
    return a.dim("places") / (a.i32("blocks") * a.i32("block_size"));
  }

  private static void check(Arguments a) {
    long plane = (long) a.i32("blocks") * a.i32("block_size");
    if (a.dim("two") != 2 || plane < 1 || a.dim("places") % plane != 0) {
      throw new KernelArgumentException("copy_blocks", "pool", "is no whole number of planes of " + a.i32("blocks") + " blocks of " + a.i32("block_size") + " in " + a);
    }
  }

  private static List<Launch> launches(Arguments a, Gpu gpu) {
    if (a.dim("rows") == 0 || a.dim("places") == 0) {
      return List.of();
    }
    return List.of(new Launch("copy_blocks", PARTS, planes(a), a.dim("rows"), 256, 0));
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int planes = planes(a);
    int size = a.i32("block_size");
    MemorySegment pool = a.segment("pool");
    for (int unit = begin; unit < end; unit++) {
      int r = unit / planes;
      long plane = (long) (unit % planes) * a.i32("blocks") * size;
      int fill = Cells.index(a, "fills", r, size + 1);
      long from = plane + (long) Cells.index(a, "pairs", r * a.stride("pairs"), a.i32("blocks")) * size;
      long to = plane + (long) Cells.index(a, "pairs", r * a.stride("pairs") + 1, a.i32("blocks")) * size;
      for (int i = 0; i < fill; i++) {
        MemorySegment.copy(pool, (from + i) * a.stride("pool") * 4, pool, (to + i) * a.stride("pool") * 4, a.dim("d") * 4L);
      }
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 2, 1, 1));
    list.add(shape(Case.test("some"), 3, 4, 9, 7, 33));
    list.add(shape(Case.test("whole rows"), 2, 2, 5, 16, 64));
    list.add(shape(Case.test("none"), 0, 2, 5, 16, 64));
    list.add(shape(Case.model("beams"), 3, 48, 64, 16, 1280));
  }

  private static Case shape(Case c, int rows, int planes, int blocks, int blockSize, int d) {
    return c.dim("rows", rows).dim("two", 2).dim("places", planes * blocks * blockSize).dim("d", d).with("blocks", blocks).with("block_size", blockSize);
  }
}
