package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link Attention} runs on a CUDA device. The sizes are those of {@code attention/*.cu}. */
final class AttentionCuda {
  private static final int THREADS = 256;

  /** Queries of a block, and columns of a piece of a head. */
  private static final int TILE = 64;

  /** Floats between rows in shared memory. */
  private static final int PITCH = TILE + 4;

  /** Rows of queries in scratch memory are a multiple of this. */
  private static final int QUERY_ROWS = 128;

  /** Largest head on tensor cores. */
  private static final int MOST_HALF_COLUMNS = 128;

  /** Largest head of keys or values. */
  private static final int MOST_COLUMNS = 256;

  private AttentionCuda() {}

  /** Tiles of scores that never reach memory, in float32. */
  static CudaVariant flash() {
    return CudaVariant.of("attention/attention", (a, gpu) -> flashPlan(a)).named("flash").onlyIf(AttentionCuda::fits);
  }

  /** All scores in memory, one block for each query: the baseline. */
  static CudaVariant naive() {
    return CudaVariant.of("attention/attention", (a, gpu) -> naivePlan(a)).named("naive").withScratch(a -> 4 * rows(a) * a.dim("tk"));
  }

  /** The same on tensor cores, after a launch that rounds queries, keys and values to half precision. */
  static CudaVariant flashHalf() {
    return CudaVariant.of("attention/attention_mma", AttentionCuda::halfPlan).named("flash_f16").rounding(DType.F16)
        .withScratch(AttentionCuda::halfScratch)
        .onlyIf(a -> Math.max(queryColumns(a), valueColumns(a)) <= MOST_HALF_COLUMNS && a.i32("heads") <= Launch.MAX_GRID_YZ);
  }

  private static boolean fits(Arguments a) {
    return queryColumns(a) <= MOST_COLUMNS && valueColumns(a) <= MOST_COLUMNS && a.i32("heads") <= Launch.MAX_GRID_YZ;
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
        "attention_flash_" + columns, Launch.blocks(a.dim("tq"), TILE), a.i32("heads"), 1, THREADS, pieces * TILE * PITCH * Float.BYTES));
  }

  /** Columns of a head in scratch memory. */
  private static int halfColumns(Arguments a) {
    return Math.max(queryColumns(a), valueColumns(a)) <= 64 ? 64 : MOST_HALF_COLUMNS;
  }

  private static long halfScratch(Arguments a) {
    long queries = (long) Launch.blocks(a.dim("tq"), QUERY_ROWS) * QUERY_ROWS * a.i32("heads");
    long keys = (long) Launch.blocks(a.dim("tk"), TILE) * TILE * a.i32("kv_heads");
    return (queries + 2 * keys) * halfColumns(a) * Short.BYTES;
  }

  private static List<Launch> halfPlan(Arguments a, Gpu gpu) {
    if (rows(a) == 0) {
      return List.of();
    }
    int columns = halfColumns(a);
    int warps = warps(a, gpu);
    Launch halves = Launch.over("attention_halves_" + columns, halfScratch(a) / 16, gpu).getFirst();
    int blocks = Launch.blocks(a.dim("tq"), 16 * warps);
    int stages = 3 * 2 * TILE * columns * Short.BYTES;
    String entry = "attention_flash_half_" + (a.has("relative") ? "relative_" : "") + columns;
    return List.of(halves, new Launch(entry, blocks, a.i32("heads"), 1, 32 * warps, stages));
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
    return Launch.blocks((long) Launch.blocks(a.dim("tq"), 16 * warps) * a.i32("heads"), gpu.multiprocessors()) * 16 * warps;
  }

  private static List<Launch> naivePlan(Arguments a) {
    return rows(a) == 0 ? List.of() : List.of(Launch.row("attention_naive", rows(a), THREADS));
  }
}
