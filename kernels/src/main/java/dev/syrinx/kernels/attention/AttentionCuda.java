package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Window;
import java.util.List;

/** How {@link Attention} runs on a CUDA device. The sizes are those of {@code attention/*.cu}. */
final class AttentionCuda {
  private static final int THREADS = 256;

  /** Queries of a block, and columns of a piece of a head. */
  private static final int TILE = 64;

  /** Floats between rows in shared memory. */
  private static final int PITCH = TILE + 4;

  /** Largest head on tensor cores. */
  private static final int MOST_HALF_COLUMNS = 128;

  /** Sizes of {@code attention/group.cuh}: queries of a block, keys of a step, steps under way, columns of a head. */
  private static final int GROUP_QUERIES = 192;

  private static final int GROUP_KEYS = 128;
  private static final int GROUP_DEPTH = 2;
  private static final int GROUP_COLUMNS = 64;

  /** Largest head of keys or values. */
  private static final int MOST_COLUMNS = 256;

  private AttentionCuda() {}

  /** Tiles of scores that never reach memory, in float32. */
  static CudaVariant flash() {
    return CudaVariant.of("attention/attention", (a, gpu) -> flashPlan(a)).named("flash").onlyIf(AttentionCuda::fits);
  }

  /** All scores in memory, one block for each query: the baseline. */
  static CudaVariant naive() {
    return CudaVariant.of("attention/attention", (a, gpu) -> naivePlan(a)).named("naive")
        .withScratch(a -> 4 * rows(a) * (a.dim("tk") / a.i32("batch")));
  }

  /** The same on tensor cores, for halves. */
  static CudaVariant flashHalf() {
    return CudaVariant.of("attention/attention_mma", AttentionCuda::halfPlan).named("flash_f16").rounding(DType.F16).beginningEarly().onlyIf(
        a -> a.half("q") && a.half("k") && a.half("v") && a.half("y") && fits(a)
            && Math.max(queryColumns(a), valueColumns(a)) <= MOST_HALF_COLUMNS);
  }

  /** Whether warpgroups take it, to which the copy engine brings keys and values: heads of 64, no relative term. */
  private static boolean grouped(Arguments a, Gpu gpu) {
    if (gpu.capability() != 90 || a.has("relative") || !(a.f32("scale") > 0) || queryColumns(a) != GROUP_COLUMNS || valueColumns(a) != GROUP_COLUMNS || a.i32("last_key") <= a.i32("first_key")) {
      return false;
    }
    for (String input : List.of("q", "k", "v")) {
      long row = a.view(input).rowStride();
      if (!Window.begins(a, input) || !Window.fits(row, GROUP_COLUMNS, 1) || row < a.view(input).shape()[1]) {
        return false;
      }
    }
    return a.segment("y").address() % 8 == 0 && a.view("y").rowStride() % 4 == 0;
  }

  private static List<Launch> groupPlan(Arguments a) {
    int tile = GROUP_COLUMNS * Short.BYTES;
    int shared = GROUP_QUERIES * tile + 2 * GROUP_DEPTH * GROUP_KEYS * tile + (1 + 4 * GROUP_DEPTH) * Long.BYTES;
    Launch launch = new Launch("attention_group_64", Launch.blocks(queries(a), GROUP_QUERIES), a.i32("heads"), a.i32("batch"), 512, shared);
    return List.of(launch.through(window(a, "q", 0, queries(a), queries(a), GROUP_QUERIES), keys(a, "k"), keys(a, "v")));
  }

  private static Window keys(Arguments a, String buffer) {
    int first = a.i32("first_key");
    return window(a, buffer, first, a.i32("last_key") - first, a.dim("tk") / a.i32("batch"), GROUP_KEYS);
  }

  /** Rows of each sequence from one on; sequences have {@code apart} rows. */
  private static Window window(Arguments a, String buffer, int first, int rows, int apart, int boxRows) {
    long row = a.view(buffer).rowStride();
    return new Window(buffer, first * row, a.view(buffer).shape()[1], rows, a.i32("batch"), row, apart * row, boxRows);
  }

  private static boolean fits(Arguments a) {
    return queryColumns(a) <= MOST_COLUMNS && valueColumns(a) <= MOST_COLUMNS && Math.max(a.i32("heads"), a.i32("batch")) <= Launch.MAX_GRID_YZ;
  }

  private static int queryColumns(Arguments a) {
    return a.dim("q_width") / a.i32("heads");
  }

  private static int valueColumns(Arguments a) {
    return a.dim("v_width") / a.i32("kv_heads");
  }

  private static long rows(Arguments a) {
    return (long) a.dim("tq") * a.i32("heads");
  }

  private static List<Launch> flashPlan(Arguments a) {
    if (rows(a) == 0) {
      return List.of();
    }
    int columns = valueColumns(a) <= 64 ? 64 : valueColumns(a) <= 128 ? 128 : 256;
    int pieces = Launch.blocks(queryColumns(a), TILE) + 2; // the queries; keys or values; scores
    return List.of(new Launch(
        "attention_flash_" + columns, Launch.blocks(queries(a), TILE), a.i32("heads"), a.i32("batch"), THREADS, pieces * TILE * PITCH * Float.BYTES));
  }

  /** Queries of a sequence. */
  private static int queries(Arguments a) {
    return a.dim("tq") / a.i32("batch");
  }

  private static List<Launch> halfPlan(Arguments a, Gpu gpu) {
    if (rows(a) == 0) {
      return List.of();
    }
    if (grouped(a, gpu)) {
      return groupPlan(a);
    }
    int columns = Math.max(queryColumns(a), valueColumns(a)) <= 64 ? 64 : MOST_HALF_COLUMNS;
    int warps = warps(a, gpu);
    int stages = 3 * 2 * TILE * columns * Short.BYTES;
    String entry = "attention_flash_half_" + (a.has("relative") ? "relative_" : "") + columns;
    return List.of(new Launch(entry, Launch.blocks(queries(a), 16 * warps), a.i32("heads"), a.i32("batch"), 32 * warps, stages));
  }

  /** Warps of 16 queries: as many as give the busiest multiprocessor the fewest; if equal, more, which read keys and values less often. */
  private static int warps(Arguments a, Gpu gpu) {
    int best = 8;
    for (int warps = 7; warps >= 4; warps--) {
      best = most(a, gpu, warps) < most(a, gpu, best) ? warps : best;
    }
    return best;
  }

  private static int most(Arguments a, Gpu gpu, int warps) {
    return Launch.blocks((long) Launch.blocks(queries(a), 16 * warps) * a.i32("heads") * a.i32("batch"), gpu.multiprocessors()) * 16 * warps;
  }

  private static List<Launch> naivePlan(Arguments a) {
    if (rows(a) == 0) {
      return List.of();
    }
    return List.of(new Launch("attention_naive", Math.toIntExact(rows(a) / a.i32("batch")), 1, a.i32("batch"), THREADS, 0));
  }
}
