package dev.syrinx.kernels.sample;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How the kernels over rows of scores run on a CUDA device: one block for each row. The sizes are those of {@code sample/rows.cuh}. */
final class SampleCuda {
  /** Threads of a block. */
  private static final int THREADS = 1024;

  /** Elements that a block keeps in registers. */
  private static final int HELD = 9 * THREADS;

  /** Bytes of an element that it does not: key and probability. */
  private static final long STORED = 16;

  /** Threads that keep the books of a sequence. */
  private static final int ADVANCE_THREADS = 256;

  private SampleCuda() {}

  /** A kernel over [rows, d] that reads each row as often as it wants. */
  static CudaVariant rows(String name) {
    return CudaVariant.of("sample/" + name, (a, gpu) -> blocks(name, a));
  }

  /** A kernel over [rows, d] that searches: in registers, long rows in scratch memory. */
  static CudaVariant search(String name) {
    return rows(name).withScratch(a -> a.dim("d") <= HELD ? 0 : STORED * a.dim("rows") * a.dim("d"));
  }

  /** A kernel over [rows, d] without sums: any thread takes any four columns. */
  static CudaVariant elements(String name) {
    return CudaVariant.of("sample/" + name, (a, gpu) -> Launch.overQuads(name, a.dim("rows"), a.dim("d"), gpu));
  }

  /** The draws: of each run of elements, then of what those gave. */
  static CudaVariant gumbelTopK() {
    return CudaVariant.of("sample/gumbel_top_k", (a, gpu) -> draws(a)).withScratch(a -> runs(a) == 1 ? 0 : 8L * runs(a) * a.dim("k"));
  }

  /** The draws of several sequences, a block for each. */
  static CudaVariant drawCodes() {
    return CudaVariant.of("sample/draw_codes", (a, gpu) -> List.of(Launch.row("draw_codes", a.dim("sequences"), THREADS)))
        .withScratch(a -> 8L * a.dim("rows") * a.dim("d")).beginningEarly();
  }

  /** The beams of several sequences, a block for each. */
  static CudaVariant advanceBeams() {
    return CudaVariant.of("sample/advance_beams", (a, gpu) -> List.of(Launch.row("advance_beams", a.dim("sequences"), ADVANCE_THREADS))).beginningEarly();
  }

  /** The noise, four elements for each thread. */
  static CudaVariant philoxNoise() {
    return CudaVariant.of("sample/philox_noise", (a, gpu) -> Launch.over("philox_noise", Launch.blocks(a.dim("d"), Philox.WORDS), gpu));
  }

  private static List<Launch> blocks(String name, Arguments a) {
    return a.dim("rows") == 0 || a.dim("d") == 0 ? List.of() : List.of(Launch.row(name, a.dim("rows"), THREADS));
  }

  private static int runs(Arguments a) {
    return Launch.blocks(a.dim("d"), HELD);
  }

  private static List<Launch> draws(Arguments a) {
    if (a.dim("k") == 0) {
      return List.of();
    }
    Launch first = Launch.row("gumbel_top_k", runs(a), THREADS);
    return runs(a) == 1 ? List.of(first) : List.of(first, Launch.row("gumbel_top_k_merge", 1, THREADS));
  }
}
