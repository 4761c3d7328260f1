package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.attention.Attention;
import dev.syrinx.kernels.norm.RmsNorm;
import dev.syrinx.nn.Norm;
import dev.syrinx.tensor.Tensor;

/** Calls that write into given buffers: a recorded step reuses its buffers from block to block instead of holding one set per block. */
final class Direct {
  private Direct() {}

  /** x/sqrt(mean(x²) + eps)·w + b per row, into y. */
  static void rmsNorm(Ops ops, Tensor x, Norm norm, Tensor y) {
    var call = RmsNorm.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("eps", norm.eps());
    norm.weight().ifPresent(w -> call.set("weight", w.view()));
    norm.bias().ifPresent(b -> call.set("bias", b.view()));
    ops.run(call);
  }

  /** Attention in which every query sees every key: q {@code [tq, width]}, k and v {@code [tk, width]}, into y {@code [tq, width]}. */
  static void attention(Ops ops, Tensor q, Tensor k, Tensor v, int heads, Tensor y) {
    float scale = (float) (1 / Math.sqrt((double) q.cols() / heads));
    ops.run(
        Attention.SPEC.arguments().set("q", q.view()).set("k", k.view()).set("v", v.view()).set("y", y.view())
            .set("heads", heads).set("kv_heads", heads).set("scale", scale).set("causal", 0).set("past", 0)
            .set("first_key", 0).set("last_key", k.rows()).set("left", 0));
  }
}
