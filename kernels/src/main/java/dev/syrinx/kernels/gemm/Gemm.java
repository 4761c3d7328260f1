package dev.syrinx.kernels.gemm;

import static dev.syrinx.kernels.Param.f32;
import static dev.syrinx.kernels.Param.i32;
import static dev.syrinx.kernels.Param.in;
import static dev.syrinx.kernels.Param.out;
import static dev.syrinx.kernels.Param.weight;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.Cells;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelArgumentException;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Tolerance;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.activation.Activation;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Matrix product with everything that the model fuses to it, and, by its strides, every convolution.
 *
 * <p>Row m of batch b reads {@code taps} runs of {@code k/taps} contiguous floats, {@code x_tap} apart, starting at
 * {@code b·x_batch + m·x_row}. With one tap that is a linear layer; with {@code x_row = stride·C} and {@code x_tap = dilation·C} over
 * padded time-major rows it is a convolution without an unfolded copy.
 */
public final class Gemm {
  /** The declaration. */
  public static final KernelSpec SPEC =
      KernelSpec.named("gemm", "gemm", "y[b,m,n] = residual[b,m,n] + alpha · act(scale[n] · Σ x[b,m,k]·w[n,k] + bias[n])")
          .params(
              in("x", "x_extent").orHalf(), weight("w", "n", "k"), in("bias", "n").orAbsent(), in("scale", "n").orAbsent(),
              in("residual", "y_extent").orAbsent().orHalf(),
              out("y", "y_extent").orHalf(), i32("batch"), i32("rows"), i32("taps"), i32("x_row"), i32("x_tap"), i32("x_batch"), i32("y_row"),
              i32("y_batch"),
              i32("activation"), f32("alpha"))
          .dtypes(DType.F32, DType.F16, DType.BF16, DType.I8)
          .cost(Gemm::cost)
          // Twice: an activation may shrink the outputs' magnitude without shrinking the rounding of the sums.
          .tolerance(Tolerance.reduction(2, a -> a.dim("k")))
          .require(Gemm::check)
          .cases(Gemm::cases)
          .variant(Variant.reference(a -> a.i32("batch") * a.i32("rows"), Gemm::reference))
          .variant(
              Variant.vector(a -> GemmVector.units(a), (a, begin, end, scratch) -> GemmVector.run(a, begin, end, scratch))
                  .withLayout("w", Panels.LAYOUT)
                  .withScratch(a -> GemmVector.scratchBytes(a)))
          .cudaHalf(GemmNarrow.variant())
          .cudaHalf(GemmMma.halves())
          .cuda(GemmCuda.skinny())
          .cuda(GemmMma.half())
          .cuda(GemmMma.bfloat())
          .cuda(GemmCuda.tiles())
          .build();

  private Gemm() {}

  /** Each tile of the tensor cores as a variant of its own: the sizes that choose some are too large for the scalar reference. */
  public static List<CudaVariant> tiles() {
    return GemmMma.eachTile();
  }

  private static Cost cost(Arguments a) {
    double outputs = (double) a.i32("batch") * a.i32("rows") * a.dim("n");
    double weights = (double) a.dim("n") * a.dim("k") * a.dtype("w").bytes();
    double input = a.dtype("x").bytes() * Math.min((double) a.dim("x_extent"), outputs / a.dim("n") * a.dim("k"));
    return new Cost(weights + input + outputs * a.dtype("y").bytes() * (a.has("residual") ? 2 : 1), 2 * outputs * a.dim("k"));
  }

  private static void check(Arguments a) {
    int taps = a.i32("taps");
    if (taps < 1 || a.dim("k") % taps != 0) {
      throw new KernelArgumentException("gemm", "taps", "is " + taps + ", which does not divide k=" + a.dim("k"));
    }
    long lastX =
        last(a.i32("batch"), a.i32("x_batch"), a.i32("rows"), a.i32("x_row")) + (long) (taps - 1) * a.i32("x_tap") + a.dim("k") / taps;
    if (lastX > a.dim("x_extent")) {
      throw new KernelArgumentException("gemm", "x", "has " + a.dim("x_extent") + " elements, the strides reach " + lastX);
    }
    long lastY = last(a.i32("batch"), a.i32("y_batch"), a.i32("rows"), a.i32("y_row")) + a.dim("n");
    if (lastY > a.dim("y_extent")) {
      throw new KernelArgumentException("gemm", "y", "has " + a.dim("y_extent") + " elements, the strides reach " + lastY);
    }
    if ((a.dtype("w") == DType.I8) != a.has("scale")) {
      throw new KernelArgumentException("gemm", "scale", "goes with int8 weights and only with them");
    }
  }

  private static long last(int batch, int batchStride, int rows, int rowStride) {
    return (batch - 1L) * batchStride + (rows - 1L) * rowStride;
  }

  private static void reference(Arguments a, int begin, int end, MemorySegment scratch) {
    int rows = a.i32("rows");
    int n = a.dim("n");
    Activation activation = Activation.of(a.i32("activation"));
    for (int unit = begin; unit < end; unit++) {
      long x0 = (long) (unit / rows) * a.i32("x_batch") + (long) (unit % rows) * a.i32("x_row");
      long y0 = (long) (unit / rows) * a.i32("y_batch") + (long) (unit % rows) * a.i32("y_row");
      for (int j = 0; j < n; j++) {
        double sum = dot(a, x0, j) * (a.has("scale") ? at(a.segment("scale"), j) : 1) + (a.has("bias") ? at(a.segment("bias"), j) : 0);
        double value = a.f32("alpha") * activation.apply(sum) + (a.has("residual") ? a.real("residual", y0 + j) : 0);
        a.setReal("y", y0 + j, value);
      }
    }
  }

  private static double dot(Arguments a, long x0, int row) {
    int taps = a.i32("taps");
    int k = a.dim("k") / taps;
    MemorySegment x = a.segment("x");
    MemorySegment w = a.segment("w");
    DType dtype = a.dtype("w");
    double sum = 0;
    for (int tap = 0; tap < taps; tap++) {
      long xt = x0 + (long) tap * a.i32("x_tap");
      long wt = row * a.stride("w") + (long) tap * k;
      for (int i = 0; i < k; i++) {
        sum += (double) Cells.get(x, a.dtype("x"), xt + i) * element(w, dtype, wt + i);
      }
    }
    return sum;
  }

  private static double at(MemorySegment segment, long index) {
    return segment.get(JAVA_FLOAT_UNALIGNED, index * 4);
  }

  /** One weight as a number. */
  static float element(MemorySegment w, DType dtype, long index) {
    return switch (dtype) {
      case F32 -> w.get(JAVA_FLOAT_UNALIGNED, index * 4);
      case F16 -> Float.float16ToFloat(w.get(JAVA_SHORT_UNALIGNED, index * 2));
      case BF16 -> DType.fromBf16(w.get(JAVA_SHORT_UNALIGNED, index * 2));
      case I8 -> w.get(JAVA_BYTE, index);
      default -> throw new KernelArgumentException("gemm", "w", "cannot be " + dtype);
    };
  }

  private static void cases(List<Case> list) {
    int[][] shapes = {
      {1, 1, 1}, {1, 17, 33}, {1, 64, 64}, {2, 65, 9}, {5, 24, 72}, {6, 64, 129}, {7, 130, 31}, {13, 48, 1100}, {101, 80, 20}
    };
    for (int[] s : shapes) {
      list.add(linear(Case.test("linear"), s[0], s[1], s[2]).with("activation", s[0] % 8).with("alpha", 1f));
    }
    list.add(linear(Case.test("bare"), 3, 70, 40).without("bias", "residual").with("activation", 0).with("alpha", 0.5f));
    list.add(convolution(Case.test("dilated"), 29, 24, 24, 3, 5).with("activation", 2).with("alpha", 1f));
    list.add(convolution(Case.test("long taps"), 17, 48, 20, 11, 1).with("activation", 0).with("alpha", 1f));
    list.add(strided(Case.test("batched"), 3, 7, 2, 16, 32, 8, 40, 3 * 16 + 200, 290, 900)
        .dim("n", 33).dim("k", 32).with("activation", 7).with("alpha", 2f));
    halves(list);
    int[][] model = {
      {1, 3840, 1280}, {1, 5120, 1280}, {1, 1280, 5120}, {1, 8194, 1280}, {640, 3840, 1280}, {2582, 1536, 512}, {749, 4096, 1024}
    };
    for (int[] s : model) {
      list.add(linear(Case.model(s[0] == 1 ? "decode" : "linear"), s[0], s[1], s[2])
          .without("residual").with("activation", 0).with("alpha", 1f));
    }
    list.add(convolution(Case.model("wavenet"), 876, 1024, 512, 5, 1).without("residual").with("activation", 0).with("alpha", 1f));
    list.add(convolution(Case.model("vocoder"), 5504, 96, 96, 11, 5).without("bias").with("activation", 0).with("alpha", 1f));
    list.add(convolution(Case.model("vocoder narrow"), 110_208, 48, 48, 7, 3).without("bias").with("activation", 0).with("alpha", 1f));
    list.add(convolution(Case.model("vocoder narrowest"), 220_416, 24, 24, 3, 1).without("bias").with("activation", 0).with("alpha", 1f));
    list.add(linear(Case.model("head of few"), 40, 100, 256).without("residual").with("activation", 0).with("alpha", 1f));
  }

  /** Inputs, or inputs and outputs, in half precision. */
  private static void halves(List<Case> list) {
    int[][] shapes = {{1, 17, 33}, {5, 24, 72}, {7, 130, 31}, {13, 48, 1104}, {131, 80, 32}};
    for (int[] s : shapes) {
      list.add(linear(Case.test("half in"), s[0], s[1], s[2]).with("activation", s[0] % 8).with("alpha", 1f).halves("x"));
      list.add(linear(Case.test("halves"), s[0], s[1], s[2]).with("activation", 2).with("alpha", 0.5f).halves("x", "y", "residual"));
    }
    list.add(convolution(Case.test("half dilated"), 29, 24, 24, 3, 5).with("activation", 2).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(convolution(Case.test("half taps"), 140, 48, 48, 7, 1).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(convolution(Case.test("half narrow"), 300, 24, 24, 11, 5).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(convolution(Case.test("half narrow"), 40, 1, 24, 7, 1).with("activation", 6).with("alpha", 1f).without("residual").halves("x"));
    list.add(convolution(Case.test("half narrow"), 40, 33, 48, 3, 1).with("activation", 6).with("alpha", 1f).halves("x"));
    list.add(convolution(Case.test("half taps"), 135, 40, 96, 3, 3).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(convolution(Case.test("half taps"), 17, 48, 80, 11, 1).with("activation", 0).with("alpha", 1f).halves("x"));
    list.add(linear(Case.test("rounded"), 70, 40, 72).with("activation", 2).with("alpha", 0.5f));
    list.add(convolution(Case.test("rounded taps"), 70, 24, 64, 3, 2).with("activation", 0).with("alpha", 1f));
    list.add(linear(Case.test("pieces"), 66, 24, 4352).with("activation", 0).with("alpha", 1f));
    list.add(linear(Case.test("half pieces"), 66, 24, 4352).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(strided(Case.test("half batched"), 3, 7, 2, 16, 32, 8, 40, 3 * 16 + 200, 290, 900)
        .dim("n", 33).dim("k", 32).with("activation", 7).with("alpha", 2f).halves("x"));
    list.add(strided(Case.test("half batched"), 2, 70, 3, 64, 64, 8, 40, 73 * 64 + 200, 2808, 5700)
        .dim("n", 40).dim("k", 192).with("activation", 0).with("alpha", 2f).halves("x", "y", "residual"));
    list.add(strided(Case.test("half batches"), 2, 70, 1, 72, 72, 80 * 72, 136, 150 * 72, 75 * 136, 145 * 136)
        .dim("n", 132).dim("k", 72).with("activation", 0).with("alpha", 2f).halves("x", "y", "residual"));
    list.add(linear(Case.test("half rows"), 122, 132, 136).with("activation", 0).with("alpha", 2f).halves("x"));
    int[][] model = {{2582, 1536, 512}, {2582, 3072, 512}, {749, 4096, 1024}};
    for (int[] s : model) {
      list.add(linear(Case.model("linear halves"), s[0], s[1], s[2]).without("residual").with("activation", 0).with("alpha", 1f).halves("x", "y"));
    }
    list.add(linear(Case.model("residual of halves"), 1754, 512, 512).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    list.add(linear(Case.model("residual of halves"), 2582, 512, 512).with("activation", 0).with("alpha", 1f).halves("x"));
    list.add(linear(Case.model("residual of halves"), 2582, 512, 1536).with("activation", 0).with("alpha", 1f).halves("x"));
    int[][] vocoder = {{3444, 768, 11, 5}, {13_776, 384, 7, 1}, {27_552, 192, 3, 5}, {55_104, 96, 7, 3}, {110_208, 48, 11, 1}, {220_416, 24, 7, 5}};
    for (int[] s : vocoder) {
      list.add(convolution(Case.model("vocoder halves"), s[0], s[1], s[1], s[2], s[3]).with("activation", 0).with("alpha", 1f).halves("x", "y", "residual"));
    }
  }

  /** m rows, n outputs, k inputs. */
  private static Case linear(Case c, int m, int n, int k) {
    return strided(c, 1, m, 1, k, k, k, n, m * k, n, m * n).dim("n", n).dim("k", k);
  }

  private static Case convolution(Case c, int time, int outputs, int channels, int taps, int dilation) {
    int extent = (time + (taps - 1) * dilation) * channels;
    return strided(c, 1, time, taps, channels, dilation * channels, 0, outputs, extent, 0, time * outputs)
        .dim("n", outputs).dim("k", taps * channels);
  }

  private static Case strided(
      Case c, int batch, int rows, int taps, int xRow, int xTap, int xBatch, int yRow, int xExtent, int yBatch, int yExtent) {
    int yr = Math.max(yRow, 1);
    return c.with("batch", batch).with("rows", rows).with("taps", taps).with("x_row", xRow).with("x_tap", xTap).with("x_batch", xBatch)
        .with("y_row", yr).with("y_batch", yBatch).dim("x_extent", xExtent).dim("y_extent", yExtent);
  }
}
