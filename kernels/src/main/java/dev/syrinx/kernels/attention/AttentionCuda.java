package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link Attention} runs on a CUDA device. The sizes are those of {@code attention/*.cu}. */
final class AttentionCuda {
  private static final int THREADS = 256;

  /** Queries of a block, and columns of a piece of a head. */
  private static final int TILE = 64;

  /** Floats between rows in shared memory. */
  private static final int PITCH = TILE + 4;

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

  private static List<Launch> naivePlan(Arguments a) {
    return rows(a) == 0 ? List.of() : List.of(Launch.row("attention_naive", rows(a), THREADS));
  }
}
