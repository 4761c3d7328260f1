package dev.syrinx.kernels.sample;

import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Random numbers by {@link Philox}: element i of step s of a stream depends on nothing but (seed, stream, s, i). The step is read from
 * memory, so that a recorded call can be replayed. Uniform and Gumbel noise take word i mod 4 of block i div 4; normal noise takes words
 * 2·(i mod 2) and the next of block i div 2.
 */
public final class PhiloxNoise {
  /** What is drawn, by the number that the kernel receives. */
  public enum Distribution {
    /** Between 0 and 1. */
    UNIFORM(0),
    /** −log(−log u). */
    GUMBEL(1),
    /** Mean 0, variance 1. */
    NORMAL(2);

    private final int id;

    Distribution(int id) {
      this.id = id;
    }

    /** The number that stands for this distribution in kernel arguments. */
    public int id() {
      return id;
    }
  }

  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("sample", "philox_noise", "y[i] = distribution(philox(seed; i, step[0], stream)), 0 where p[i] = 0")
          .params(
              in("p", "d").orAbsent(), new Param("step", Param.Role.IN, DType.I32, List.of("one"), false, Param.Values.ANY, ""),
              out("y", "d"),
              i32("distribution"), i32("seed_low"), i32("seed_high"), i32("stream_low"), i32("stream_high"))
          .cost(a -> new Cost((a.has("p") ? 8.0 : 4.0) * a.dim("d"), 20.0 * a.dim("d")))
          .tolerance(Tolerance.elementwise(4)) // logarithms and cosine of the device
          .require(PhiloxNoise::check)
          .cases(PhiloxNoise::cases)
          .variant(Variant.reference(a -> (a.dim("d") + Philox.WORDS - 1) / Philox.WORDS, PhiloxNoise::reference).withScratch(a -> 16))
          .cuda(SampleCuda.philoxNoise())
          .build();

  private PhiloxNoise() {}

  private static void check(Arguments a) {
    int distribution = a.i32("distribution");
    if (distribution < 0 || distribution > Distribution.NORMAL.id() || a.dim("one") != 1) {
      throw new KernelArgumentException("philox_noise", "distribution", "must be 0 to 2 and step a single number, got " + a);
    }
  }

  private static Distribution of(int id) {
    return switch (id) {
      case 0 -> Distribution.UNIFORM;
      case 1 -> Distribution.GUMBEL;
      default -> Distribution.NORMAL;
    };
  }

  /** Units are runs of four elements. */
  private static void reference(Arguments a, int begin, int end, MemorySegment words) {
    MemorySegment y = a.segment("y");
    MemorySegment p = a.has("p") ? a.segment("p") : MemorySegment.NULL;
    Distribution distribution = of(a.i32("distribution"));
    int step = Cells.getInt(a.segment("step"), 0);
    int last = Math.min(a.dim("d"), end * Philox.WORDS);
    int per = distribution == Distribution.NORMAL ? 2 : Philox.WORDS;
    int made = -1;
    boolean masked = a.has("p");
    int streamLow = a.i32("stream_low");
    int streamHigh = a.i32("stream_high");
    int seedLow = a.i32("seed_low");
    int seedHigh = a.i32("seed_high");
    for (int i = begin * Philox.WORDS; i < last; i++) {
      if (masked && !(Cells.get(p, i) > 0)) { // chance decides nothing here; blocks are made only where it does
        Cells.set(y, i, 0);
        continue;
      }
      if (made != i / per) {
        made = i / per;
        Philox.block(made, step, streamLow, streamHigh, seedLow, seedHigh, words);
      }
      Cells.set(y, i, value(distribution, words, i % per));
    }
  }

  private static double value(Distribution distribution, MemorySegment words, int at) {
    return switch (distribution) {
      case UNIFORM -> Philox.uniform(Cells.getInt(words, at));
      case GUMBEL -> Philox.gumbel(Cells.getInt(words, at));
      case NORMAL -> Philox.normal(Cells.getInt(words, 2L * at), Cells.getInt(words, 2L * at + 1));
    };
  }

  private static void cases(List<Case> list) {
    int seed = 12345;
    for (Distribution distribution : Distribution.values()) {
      for (int d : new int[] {1, 7, 64, 131}) {
        list.add(shape(Case.test(distribution.name()), d, distribution, seed));
        list.add(shape(Case.test(distribution.name()), d, distribution, seed).without("p"));
      }
    }
    list.add(shape(Case.model("beams"), 3 * 8194, Distribution.GUMBEL, seed));
    list.add(shape(Case.model("mel"), 80 * 1291, Distribution.NORMAL, seed).without("p"));
  }

  private static Case shape(Case c, int d, Distribution distribution, int seed) {
    return c.dim("d", d).dim("one", 1).with("distribution", distribution.id()).with("seed_low", seed).with("seed_high", -1)
        .with("stream_low", 3).with("stream_high", 0);
  }
}
