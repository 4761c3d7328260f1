package dev.syrinx.kernels.signal;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** What the kernels over runs of rows share. */
final class Segments {
  private Segments() {}

  static void check(Arguments a, String param) {
    int segment = a.i32("segment");
    if (segment < 1) {
      throw new KernelArgumentException(a.spec().name(), "segment", "is " + segment + "; it must be positive");
    }
    int want = count(a.dim("rows"), segment);
    if (a.dim("segments") != want) {
      throw new KernelArgumentException(
          a.spec().name(), param, "has " + a.dim("segments") + " rows; " + a.dim("rows") + " rows in runs of " + segment + " make " + want);
    }
  }

  /** A block for 8 columns of each run, as in columns.cuh. */
  static List<Launch> columns(String entry, int runs, int d) {
    long blocks = (long) runs * Math.ceilDiv(d, 8);
    return blocks == 0 ? List.of() : List.of(Launch.row(entry, blocks, 512));
  }

  private static int count(int rows, int segment) {
    return Math.ceilDiv(rows, segment);
  }

  static Case shape(Case c, int rows, int d, int segment) {
    return c.dim("rows", rows).dim("d", d).dim("segments", count(rows, segment)).with("segment", segment);
  }
}
