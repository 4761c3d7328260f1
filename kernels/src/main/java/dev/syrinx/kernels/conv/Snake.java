package dev.syrinx.kernels.conv;

import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * BigVGAN's anti-aliased activation (Lee et al. 2023): twice the rate, SnakeBeta, back to the rate, without the intermediate signal in
 * memory.
 *
 * <p>With K taps, h = K/2 − 1 and all indices clamped to the signal:
 * {@code u[n] = 2·Σ up[k]·x[(n + h − k)/2]} over the k that make the index whole, {@code v = u + sin²(u·frequency)·reciprocal} and
 * {@code y[m] = Σ down[k]·v[2m + k − h]}. The clamp of v repeats the activated edge, not the edge of x.
 */
public final class Snake {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("conv", "snake", "y = down(v), v = u + sin²(u · frequency[c]) · reciprocal[c], u = up(x)")
          .params(
              in("x", "t", "c").orHalf(), in("frequency", "c"), in("reciprocal", "c"), in("up", "up_taps"), in("down", "down_taps"),
              out("y", "t", "c").orHalf())
          .cost(Snake::cost)
          .tolerance(Tolerance.reduction(1, a -> a.dim("up_taps") + a.dim("down_taps")))
          .require(Snake::check)
          .cases(Snake::cases)
          .variant(Variant.reference(a -> a.dim("t"), Snake::reference))
          .variant(
              Variant.vector(a -> SnakeVector.units(a), (a, begin, end, scratch) -> SnakeVector.run(a, begin, end, scratch))
                  .withScratch(a -> SnakeVector.scratchBytes(a)).onlyIf(a -> a.dim("up_taps") == 12 && a.dim("down_taps") == 12))
          .cudaHalf(CudaVariant.of("conv/snake", SnakePlan::launches).onlyIf(a -> a.half("x") == a.half("y")).beginningEarly())
          .build();

  private Snake() {}

  /** Two filters' multiply-adds, and twice a sine (counted as 12) with the square and its product. */
  private static Cost cost(Arguments a) {
    double outputs = (double) a.dim("t") * a.dim("c");
    return new Cost(8 * outputs, outputs * (2.0 * a.dim("up_taps") + 2.0 * a.dim("down_taps") + 2 * 16));
  }

  private static void check(Arguments a) {
    even("up", a.dim("up_taps"));
    even("down", a.dim("down_taps"));
  }

  private static void even(String param, int taps) {
    if (taps < 2 || taps % 2 != 0) {
      throw new KernelArgumentException("snake", param, "has " + taps + " taps; the number must be even");
    }
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    MemorySegment frequency = a.segment("frequency");
    MemorySegment reciprocal = a.segment("reciprocal");
    MemorySegment down = a.segment("down");
    long stride = a.stride("y");
    int columns = a.dim("c");
    int last = 2 * a.dim("t") - 1;
    int taps = a.dim("down_taps");
    for (int m = begin; m < end; m++) {
      for (int c = 0; c < columns; c++) {
        double sum = 0;
        for (int k = 0; k < taps; k++) {
          double u = doubled(a, Math.clamp(2 * m + k - (taps / 2 - 1), 0, last), c);
          double sine = Math.sin(u * Cells.get(frequency, c));
          sum += Cells.get(down, k) * (u + sine * sine * Cells.get(reciprocal, c));
        }
        a.setReal("y", m * stride + c, sum);
      }
    }
  }

  /** u[n] of one channel. */
  private static double doubled(Arguments a, int n, int c) {
    MemorySegment up = a.segment("up");
    long stride = a.stride("x");
    int taps = a.dim("up_taps");
    int last = a.dim("t") - 1;
    double u = 0;
    for (int k = (n + taps / 2 - 1) % 2; k < taps; k += 2) {
      int row = Math.clamp((n + taps / 2 - 1 - k) / 2, 0, last);
      u += 2.0 * Cells.get(up, k) * a.real("x", row * stride + c);
    }
    return u;
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {{1, 1}, {1, 24}, {2, 24}, {5, 48}, {11, 17}, {37, 24}, {23, 96}, {9, 130}, {70, 3}, {259, 16}, {143, 34}, {130, 66}};
    for (int[] s : shapes) {
      list.add(shape(Case.test("snake"), s[0], s[1], 12));
    }
    for (int[] s : new int[][] {{1, 24}, {2, 24}, {37, 24}, {9, 130}, {143, 34}, {130, 66}, {70, 3}}) {
      list.add(shape(Case.test("halves"), s[0], s[1], 12).halves("x", "y"));
    }
    list.add(shape(Case.test("other taps in halves"), 13, 20, 8).halves("x", "y"));
    list.add(shape(Case.test("other taps"), 13, 20, 8));
    int[][] model = {{344, 768}, {1376, 384}, {2752, 192}, {5504, 96}, {11008, 48}, {22016, 24}};
    for (int[] s : model) {
      list.add(shape(Case.model("vocoder"), s[0], s[1], 12));
      list.add(shape(Case.model("vocoder halves"), s[0] * 10, s[1], 12).halves("x", "y"));
    }
  }

  private static Case shape(Case c, int t, int channels, int taps) {
    return c.dim("t", t).dim("c", channels).dim("up_taps", taps).dim("down_taps", taps);
  }
}
