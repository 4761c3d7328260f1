package dev.syrinx.backend;

import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Elementwise;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.kernels.activation.GatedUnit;
import dev.syrinx.kernels.activation.Pointwise;
import dev.syrinx.kernels.attention.Attention;
import dev.syrinx.kernels.attention.DecodeAttention;
import dev.syrinx.kernels.attention.Rotary;
import dev.syrinx.kernels.conv.Snake;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.kernels.norm.LayerNorm;
import dev.syrinx.kernels.norm.RmsNorm;
import java.util.ArrayList;
import java.util.List;

/**
 * Small calls in the manner of speech with a prepared voice: what {@link KernelWarmup} runs so that these ways through the kernels are compiled, and no others. Widths are a full panel or
 * row of vectors and a rest. What only a recording needs is not among them.
 */
final class SpeechCases {
  /** A call of a kernel. */
  record One(KernelSpec spec, Case shape) {}

  private final List<One> all = new ArrayList<>();

  private SpeechCases() {}

  /** In the order in which speech needs them. */
  static List<One> all() {
    SpeechCases cases = new SpeechCases();
    cases.rows();
    cases.decoding();
    cases.products();
    cases.flow();
    cases.vocoder();
    return List.copyOf(cases.all);
  }

  private void rows() {
    add(LayerNorm.SPEC, matrix(2, 192).with("eps", 1e-5f));
    add(Elementwise.SPEC, combination(72, 1f, 0.5f));
    add(Elementwise.SPEC, combination(72, 0.5f, 0f).without("z"));
    add(Elementwise.SPEC, combination(72, 0f, 0f).without("z"));
    add(Pointwise.SPEC, matrix(2, 80).with("activation", 0).without("scale"));
    add(Pointwise.SPEC, matrix(2, 80).with("activation", 0).without("scale", "shift"));
  }

  /** One row of x: panels by twos, and one alone. */
  private void decoding() {
    add(Gemm.SPEC, product(1, 192, 8, Activation.NONE).without("residual"));
    add(Gemm.SPEC, product(1, 194, 8, Activation.NONE));
    add(Gemm.SPEC, product(1, 128, 8, Activation.GELU_TANH).without("residual"));
    int width = 2 * 64;
    add(
        DecodeAttention.SPEC,
        Case.test("decode").dim("batch", 1).dim("width", width).dim("slots", 6 * 16).dim("kv_width", width).dim("blocks", 4).with("block_size", 16)
            .with("heads", 2).with("kv_heads", 2).with("scale", 0.125f));
  }

  /** Inputs are as many as in earnest: C2 lays loops out for the turns that it has seen. */
  private void products() {
    add(Gemm.SPEC, product(7, 64, 128, Activation.NONE).without("residual"));
    add(Gemm.SPEC, product(7, 112, 64, Activation.NONE)); // and tiles of two vectors and of one
    add(Gemm.SPEC, product(7, 80, 64, Activation.GELU_TANH).without("residual"));
    add(Gemm.SPEC, product(7, 64, 64, Activation.SILU).without("residual"));
    add(Gemm.SPEC, product(7, 64, 64, Activation.NONE).with("alpha", 16f).without("bias"));
    add(Gemm.SPEC, product(7, 112, 128, Activation.NONE).with("taps", 2).with("x_tap", 128).with("x_row", 64).dim("x_extent", 6 * 64 + 128 + 64));
  }

  private void flow() {
    add(RmsNorm.SPEC, matrix(2, 192).with("eps", 1e-5f));
    add(RmsNorm.SPEC, matrix(2, 192).with("eps", 1e-5f).without("bias"));
    add(
        Rotary.SPEC,
        Case.test("rotary").dim("rows", 2).dim("width", 2 * 64).dim("entries", 9).dim("half", 32).with("heads", 2).with("interleaved", 1));
    add(Attention.SPEC, attention(5, 66, 0, 2));
    add(Attention.SPEC, attention(5, 5, 1, 1));
    add(GatedUnit.SPEC, gated(Gate.SWIGLU).without("shift"));
    add(GatedUnit.SPEC, gated(Gate.TANH));
    add(Pointwise.SPEC, matrix(2, 80).with("activation", Activation.MISH.id()));
  }

  private void vocoder() {
    for (int[] s : new int[][] {{140, 64}, {9, 24}}) {
      add(Snake.SPEC, Case.test("snake").dim("t", s[0]).dim("c", s[1]).dim("up_taps", 12).dim("down_taps", 12));
    }
  }

  private void add(KernelSpec spec, Case shape) {
    all.add(new One(spec, shape));
  }

  private static Case matrix(int rows, int columns) {
    return Case.test("rows").dim("t", rows).dim("c", columns);
  }

  private static Case combination(int columns, float x, float z) {
    return matrix(2, columns).with("a", x).with("b", z).with("c", 0f);
  }

  private static Case gated(Gate gate) {
    return Case.test("gate").dim("t", 2).dim("2d", 2 * 64).dim("d", 64).with("gate", gate.id());
  }

  /** Rows of k inputs to n outputs. */
  private static Case product(int rows, int n, int k, Activation activation) {
    return Case.test("product").dim("n", n).dim("k", k).dim("x_extent", rows * k).dim("y_extent", rows * n).with("batch", 1).with("rows", rows).with("taps", 1)
        .with("x_row", k).with("x_tap", k).with("x_batch", 0).with("y_row", n).with("y_batch", 0).with("activation", activation.id()).with("alpha", 1f);
  }

  private static Case attention(int queries, int keys, int causal, int batch) {
    int width = 16;
    return Case.test("attention").dim("tq", batch * queries).dim("tk", batch * keys).dim("q_width", width).dim("k_width", width).dim("v_width", width)
        .dim("y_width", width).with("heads", 1).with("kv_heads", 1).with("scale", 0.25f).with("left", 0).with("batch", batch).without("relative")
        .with("causal", causal).with("past", 0).with("first_key", 0).with("last_key", keys);
  }
}
