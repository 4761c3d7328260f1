package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.counts;
import static dev.syrinx.kernels.Param.distinctIndices;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.inout;
import static dev.syrinx.kernels.Param.indices;
import static dev.syrinx.kernels.Param.outIndices;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.util.List;

/**
 * Turns the draws of a step into what is said, and says where the next step's keys and values go: history, beams, finished hypotheses, stop test, ids, positions and cache slots
 * of several sequences. All state lies in memory, so that steps follow each other without the host.
 *
 * <p>A sequence without beams says what is drawn. With b beams, the 2b draws are sorted by score, equal ones in the order of the draws; a stop id among the first b ranks finishes
 * its beam, one below is dropped, anything else takes the next free beam; of finished beams the b best by sum / length^penalty are kept, later ones replace the first of the worst;
 * it ends when b are kept and none of this step's sums is better than the worst of them.
 *
 * <p>Cache blocks: position p of a row lies in block {@code table[row, p / block_size]}. Beams share blocks until one has to write into a block that an earlier beam has, too: then
 * it gets a free one of the sequence's own, into which {@link dev.syrinx.kernels.attention.CopyBlocks} copies what {@code pairs} and {@code fills} say. A block is free when no
 * beam's table names it; {@code marks} are scratch memory that tells the steps apart. Sequences that have ended are left as they are, and copy nothing.
 */
public final class AdvanceBeams {
  /** {@code ends}: more to say. */
  public static final int OPEN = 0;

  /** The stop id, or no beam can still win. */
  public static final int STOPPED = 1;

  /** As many codes as wanted. */
  public static final int FULL = 2;

  /** The scores are not numbers, or all draws are stop ids. */
  public static final int BROKEN = 3;

  /** No block is left for the next position. */
  public static final int NO_ROOM = 4;

  /** Most draws of a step, by which hypotheses are numbered. */
  public static final int RANKS = 64;

  /** Most blocks of a sequence of its own. */
  public static final int MOST_BLOCKS = 8192;

  /** Most beams. */
  public static final int MOST_BEAMS = 16;

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "advance_beams", "history, beams, hypotheses, ids, positions and cache slots of the next step from draws (beam·vocabulary + id) and their scores")
          .params(
              indices("drawn", "draws*vocabulary", "sequences", "draws"), in("picked", "sequences", "draws"), counts("beams", "rows/sequences", "sequences"),
              counts("most", "capacity", "sequences"), in("penalty", "sequences"), distinctIndices("owned", "blocks", "sequences", "allotment"),
              counts("held", "allotment", "sequences"), state("steps", Param.Values.INDICES, "capacity", "sequences"),
              state("ends", Param.Values.INDICES, "sequences", "sequences"), state("kept", Param.Values.INDICES, "draws", "sequences"),
              state("spare", Param.Values.ANY, "", "sequences"), inout("sums", "rows"), state("history", Param.Values.INDICES, "vocabulary", "rows", "capacity"),
              state("finished", Param.Values.INDICES, "vocabulary", "rows", "capacity"), inout("finished_sums", "rows"),
              state("finished_at", Param.Values.INDICES, "capacity*draws", "rows"), state("table", Param.Values.INDICES, "blocks", "rows", "chain"),
              state("marks", Param.Values.ANY, "", "blocks"), state("lengths", Param.Values.COUNTS, "chain*block_size", "rows"), state("ids", Param.Values.ANY, "", "rows"),
              state("positions", Param.Values.ANY, "", "rows"), state("slots", Param.Values.ANY, "", "rows"), outIndices("pairs", "rows", "two"),
              outIndices("fills", "rows"), i32("vocabulary"), i32("stop"), i32("block_size"))
          .cost(a -> new Cost(4.0 * a.dim("rows") * (a.dim("capacity") + 2.0 * a.dim("chain")), 0))
          .tolerance(Tolerance.exact())
          .require(AdvanceBeams::check)
          .cases(AdvanceBeams::cases)
          .variant(Variant.reference(a -> a.dim("sequences"), (a, begin, end, scratch) -> {
            for (int s = begin; s < end; s++) {
              new BeamBooks(a, s).advance();
            }
          }))
          .cuda(SampleCuda.advanceBeams())
          .build();

  private AdvanceBeams() {}

  private static Param state(String name, Param.Values values, String below, String... axes) {
    return new Param(name, Param.Role.INOUT, DType.I32, List.of(axes), false, values, below);
  }

  private static void check(Arguments a) {
    int sequences = a.dim("sequences");
    int width = sequences < 1 ? 0 : a.dim("rows") / sequences;
    boolean fits = sequences >= 1 && a.dim("rows") == width * sequences && width <= MOST_BEAMS && a.dim("draws") >= 2 * width && a.dim("draws") <= RANKS;
    if (!fits || a.dim("allotment") > MOST_BLOCKS || a.dim("two") != 2 || a.i32("block_size") < 1 || a.i32("vocabulary") < 1) {
      throw new KernelArgumentException("advance_beams", "drawn", "does not fit the rows, or there are more than " + MOST_BEAMS + " beams or " + MOST_BLOCKS + " blocks, in " + a);
    }
  }

  private static void cases(List<Case> list) {
    list.add(shape(Case.test("one"), 1, 1, 5, 9, 1, 3));
    for (int i = 0; i < 12; i++) { // ends, sums and histories are random: several of each kind
      list.add(shape(Case.test("beams " + i), 3, 3, 4 + i, 12, 16, 8));
      list.add(shape(Case.test("plain " + i), 3, 1, 4 + i, 12, 7, 5));
    }
    list.add(shape(Case.test("many beams"), 2, 16, 40, 30, 4, 40));
    list.add(shape(Case.model("beams"), 1, 3, 8194, 1820, 16, 330));
    list.add(shape(Case.model("batch"), 8, 1, 8194, 1820, 16, 110));
  }

  private static Case shape(Case c, int sequences, int width, int vocabulary, int capacity, int blockSize, int allotment) {
    int chain = (capacity + 40) / blockSize + 1;
    return c.dim("sequences", sequences).dim("rows", sequences * width).dim("draws", 2 * width).dim("capacity", capacity).dim("allotment", allotment)
        .dim("blocks", sequences * allotment + 3).dim("chain", chain).dim("two", 2).with("vocabulary", vocabulary).with("stop", vocabulary / 2).with("block_size", blockSize);
  }
}
