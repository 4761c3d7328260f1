package dev.syrinx.kernels.gemm;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Window;
import dev.syrinx.kernels.activation.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How {@link Gemm} runs on tensor cores: which kernel and tile, and into how many pieces k is cut where few rows would leave most of the
 * device idle. What decides a sum's bytes, the kernel and the pieces, depends on one batch alone, not on their number.
 */
final class GemmMma {
  private static final String SOURCE = "gemm/gemm_mma";

  /** Fewer columns of k than this for a piece cost more than they save. */
  private static final int LEAST_DEPTH = 256;

  private static final int MOST_PIECES = 64;

  /** Most bytes of their sums. */
  private static final long PIECES_BYTES = 64L << 20;

  /** Fewer rows are not worth a launch that rounds them. */
  private static final int ROUNDED_ROWS = 64;

  /** More rows than this are never cut: they fill any device, and the scratch memory would be large. */
  private static final int PIECES_ROWS = 1024;

  /** Most rows of x beyond a tile's own that the taps of a convolution reach. */
  private static final int MOST_REACH = 128;

  /** A tap with fewer channels than a slice of k leaves part of the slice empty. */
  private static final int FEW_CHANNELS = 64;

  private GemmMma() {}

  /** Half-precision and int8 weights; inputs are rounded to half precision. */
  static CudaVariant half() {
    return variant("mma").rounding(DType.F16).onlyIf(a -> a.dtype("w") == DType.F16 || a.dtype("w") == DType.I8);
  }

  /** bfloat16 weights; inputs are rounded to bfloat16. */
  static CudaVariant bfloat() {
    return variant("mma_bf16").rounding(DType.BF16).onlyIf(a -> a.dtype("w") == DType.BF16);
  }

  /** Half-precision weights and inputs; outputs and what is added to them are halves or floats. */
  static CudaVariant halves() {
    return variant("mma_half").rounding(DType.F16).onlyIf(
        a -> a.dtype("w") == DType.F16 && a.half("x") && (!a.has("residual") || a.half("residual") == a.half("y")));
  }

  /** How entries call the types of a call. */
  private static String types(Arguments a) {
    return a.half("x") ? a.half("y") ? "hh" : "hf" : GemmCuda.suffix(a.dtype("w"));
  }

  private static CudaVariant variant(String name) {
    return CudaVariant.of(SOURCE, GemmMma::plan).named(name).withScratch(GemmMma::scratch).beginningEarly();
  }

  /** Whether the taps of a convolution read the same rows of x, further down. */
  static boolean shared(Arguments a) {
    int row = a.i32("x_row");
    int tap = a.i32("x_tap");
    return a.i32("taps") > 1 && row > 0 && tap > 0 && tap % row == 0 && (a.i32("taps") - 1L) * (tap / row) <= MOST_REACH;
  }

  /** Whether warpgroups take all of k as one run of x: taps that share rows share them in memory unless a tap has few channels. */
  static boolean oneRun(Arguments a) {
    return a.i32("taps") == 1 || GemmCuda.oneRun(a) && (!shared(a) || a.dim("k") / a.i32("taps") < FEW_CHANNELS);
  }

  /** Whether warpgroups can do it. */
  static boolean groups(Arguments a, Gpu gpu) {
    return gpu.capability() == 90 && (oneRun(a) || shared(a) && a.dim("k") / a.i32("taps") >= 16);
  }

  /** Rows of x beyond a tile's own. */
  static int reach(Arguments a) {
    return oneRun(a) ? 0 : (a.i32("taps") - 1) * (a.i32("x_tap") / a.i32("x_row"));
  }

  private static List<MmaTile> tiles(Arguments a, Gpu gpu) {
    if (!groups(a, gpu)) {
      return MmaTile.WARPS;
    }
    if (turns(a)) {
      return Stream.concat(MmaTile.PIPELINES.stream(), MmaTile.TURNED.stream()).toList();
    }
    return windowed(a) ? MmaTile.PIPELINES : a.half("x") ? MmaTile.HALF_GROUPS : MmaTile.groups(a.dtype("w"));
  }

  /** Whether the copy engine can bring x and w. */
  static boolean windowed(Arguments a) {
    long row = a.i32("x_row");
    boolean x = a.half("x") ? Window.begins(a, "x") : rounds(a);
    boolean batches = a.i32("batch") == 1 || (Window.fits(a.i32("x_batch"), inputRows(a), row) && a.i32("x_batch") % row == 0);
    return x && Window.begins(a, "w") && Window.fits(a.view("w").rowStride(), a.dim("k"), 1) && Window.fits(row, run(a), 1) && batches;
  }

  /** Whether tiles may be turned: nothing but bias and residual follows the sums, and four columns may be touched at once. */
  private static boolean turns(Arguments a) {
    boolean plain = a.i32("activation") == Activation.NONE.id() && !a.has("scale") && oneRun(a) && windowed(a);
    boolean fours = (a.dim("n") | a.i32("y_row") | a.i32("y_batch")) % 4 == 0 && GemmWindows.fours(a, "bias", 16);
    int bytes = a.half("y") ? 8 : 16;
    return plain && fours && GemmWindows.fours(a, "y", bytes) && GemmWindows.fours(a, "residual", bytes);
  }

  /** Channels that follow each other. */
  private static int run(Arguments a) {
    return oneRun(a) ? a.dim("k") : a.dim("k") / a.i32("taps");
  }

  /** Rows of x of a batch. */
  private static int inputRows(Arguments a) {
    return a.i32("rows") + reach(a);
  }

  /** Whether the batches' rows follow each other at even distances, so that they are one. */
  static boolean even(Arguments a) {
    return oneRun(a) && (a.i32("batch") == 1 || a.i32("x_batch") == (long) a.i32("rows") * a.i32("x_row"));
  }

  static Window inputs(Arguments a, int boxRows, int pieces) {
    long sums = pieces == 1 ? 0 : 2L * pieces * GemmCuda.outputRows(a) * ((a.dim("n") + 3) & -4); // in halves
    String buffer = a.half("x") ? "x" : "";
    int row = a.i32("x_row");
    if (even(a)) {
      return new Window(buffer, a.half("x") ? 0 : sums, run(a), Math.toIntExact(GemmCuda.outputRows(a)), 1, row, GemmCuda.outputRows(a) * row, boxRows);
    }
    long batch = a.i32("batch") == 1 ? (long) inputRows(a) * row : a.i32("x_batch");
    return new Window(buffer, a.half("x") ? 0 : sums, run(a), inputRows(a), a.i32("batch"), row, batch, boxRows);
  }

  private static int mostPieces(Arguments a) {
    int pieces = Math.min(MOST_PIECES, Integer.highestOneBit(Math.max(1, a.dim("k") / a.i32("taps") / LEAST_DEPTH)));
    while (pieces > 1 && 4L * pieces * a.i32("rows") * a.dim("n") > PIECES_BYTES) {
      pieces /= 2;
    }
    return a.i32("rows") > PIECES_ROWS ? 1 : pieces;
  }

  /** Whether x is rounded by a launch before the product: many rows, without large gaps between them, at aligned places. */
  private static boolean rounds(Arguments a) {
    int alignment = a.dim("k") / a.i32("taps") | a.i32("x_row") | a.i32("x_tap") | a.i32("x_batch");
    return a.dtype("w") == DType.F16 && !a.half("x") && alignment % 8 == 0 && a.i32("rows") >= ROUNDED_ROWS
        && a.dim("x_extent") <= 2 * GemmCuda.outputRows(a) * a.dim("k") && (oneRun(a) || shared(a));
  }

  private static int pieces(Arguments a, List<MmaTile> tiles, Gpu gpu) {
    int best = 1;
    for (int pieces = 2; pieces <= mostPieces(a); pieces *= 2) {
      best = least(a, tiles, a.i32("rows"), pieces, gpu) < least(a, tiles, a.i32("rows"), best, gpu) ? pieces : best;
    }
    return best;
  }

  private static double least(Arguments a, List<MmaTile> tiles, long rows, int pieces, Gpu gpu) {
    return time(a, best(a, tiles, rows, pieces, gpu), rows, pieces, gpu);
  }

  private static double time(Arguments a, MmaTile tile, long rows, int pieces, Gpu gpu) {
    if (pieces > 1 && tile.kernel().equals("turned")) {
      return Double.POSITIVE_INFINITY;
    }
    int k = a.dim("k");
    if (groups(a, gpu) && (a.half("x") || rounds(a))) {
      int taps = oneRun(a) ? 1 : a.i32("taps");
      boolean together = tile.windows() ? even(a) : taps == 1;
      long blocks = (together ? 1 : rows / a.i32("rows")) * tile.blocks(together ? rows : a.i32("rows"), a.dim("n"));
      return tile.halfTime(blocks, reach(a), taps, k / taps, pieces, 4.0 * rows * a.dim("n"), gpu);
    }
    return tile.time(rows, a.dim("n"), k, (a.half("x") ? 2.0 : 4.0) * (groups(a, gpu) && !oneRun(a) ? k / a.i32("taps") : k), pieces, gpu);
  }

  private static MmaTile best(Arguments a, List<MmaTile> tiles, long rows, int pieces, Gpu gpu) {
    MmaTile best = tiles.getFirst();
    for (MmaTile tile : tiles) {
      best = time(a, tile, rows, pieces, gpu) < time(a, best, rows, pieces, gpu) ? tile : best;
    }
    return best;
  }

  private static long scratch(Arguments a) {
    int most = mostPieces(a);
    long sums = most == 1 ? 0 : 4L * most * GemmCuda.outputRows(a) * ((a.dim("n") + 3) & -4);
    return sums + (rounds(a) ? 2L * a.dim("x_extent") : 0);
  }

  private static List<Launch> plan(Arguments a, Gpu gpu) {
    List<MmaTile> tiles = tiles(a, gpu);
    int pieces = pieces(a, tiles, gpu);
    return GemmCuda.empty(a) ? List.of() : plan(a, best(a, tiles, GemmCuda.outputRows(a), pieces, gpu), pieces, gpu);
  }

  private static List<Launch> plan(Arguments a, MmaTile tile, int pieces, Gpu gpu) {
    long rows = GemmCuda.outputRows(a);
    boolean groups = !tile.kernel().equals("mma");
    boolean pipeline = tile.windows();
    // The rows of a convolution's tile are of one batch, because its taps share them; so are those of a window.
    boolean apart = pipeline ? !even(a) : groups && !oneRun(a);
    long blocks = apart ? a.i32("batch") * tile.blocks(a.i32("rows"), a.dim("n")) : tile.blocks(rows, a.dim("n"));
    int shared = tile.sharedBytes(groups ? reach(a) : 0, oneRun(a) ? 1 : a.i32("taps"), a.half("x"));
    boolean rounds = pipeline && !a.half("x");
    Launch sums = new Launch(tile.entry(pipeline ? a.half("y") ? "hh" : "hf" : types(a)), Math.toIntExact(blocks), pieces, 1, tile.threads(), shared);
    if (pipeline) {
      sums = sums.through(inputs(a, tile.rows() + reach(a), pieces), Window.of("w", a.dim("k"), a.dim("n"), a.view("w").rowStride(), tile.columns()));
    }
    List<Launch> launches = new ArrayList<>();
    if (rounds) {
      int blocksOfEights = Launch.over("", Math.ceilDiv(a.dim("x_extent"), 8), gpu).getFirst().gridX();
      launches.add(new Launch("gemm_mma_round", blocksOfEights, pieces, 1, 256, 0));
    }
    launches.add(sums);
    if (pieces == 1) {
      return launches;
    }
    String reduce = "gemm_mma_reduce_" + pieces + (a.half("y") ? "_half" : "");
    launches.add(Launch.over(reduce, rows * Launch.blocks(a.dim("n"), 4), gpu).getFirst());
    return launches;
  }

  /** Each tile as a variant of its own, whatever the size: for tests and for choosing. */
  static List<CudaVariant> eachTile() {
    List<CudaVariant> variants = new ArrayList<>();
    for (DType type : List.of(DType.F16, DType.BF16, DType.I8)) {
      Stream<MmaTile> halves = Stream.of(MmaTile.PIPELINES, MmaTile.TURNED, MmaTile.HALF_GROUPS).flatMap(List::stream);
      Stream<MmaTile> groups = Stream.concat(MmaTile.groups(type).stream(), type == DType.F16 ? halves : Stream.of());
      Stream.concat(MmaTile.WARPS.stream(), groups).forEach(tile -> variants.add(
          CudaVariant.of(SOURCE, (a, gpu) -> GemmCuda.empty(a) ? List.of() : plan(a, tile, 1, gpu))
              .named(tile.entry(GemmCuda.suffix(type))).rounding(type == DType.BF16 ? type : DType.F16).withScratch(GemmMma::scratch).onlyIf(a -> takes(tile, type, a))));
    }
    return variants;
  }

  private static boolean takes(MmaTile tile, DType type, Arguments a) {
    boolean possible = tile.kernel().equals("mma") || groups(a, Gpu.H100);
    if (a.dtype("w") != type || !possible || (a.halves() && !halves().supports().test(a))) {
      return false;
    }
    return switch (tile.kernel()) {
      case "mma" -> true;
      case "pipeline" -> windowed(a);
      case "turned" -> turns(a);
      default -> MmaTile.HALF_GROUPS.contains(tile) == a.half("x") && a.half("x") == a.halves();
    };
  }
}
