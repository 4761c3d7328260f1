package dev.syrinx.model.synthetic;

import dev.syrinx.model.synthetic.SyntheticDims.Conditioner;
import dev.syrinx.model.synthetic.SyntheticDims.Gpt;

/** The tensors of {@code gpt.pth}. */
final class GptTensors {
  private GptTensors() {}

  static TensorList of(SyntheticDims dims) {
    Gpt g = dims.gpt();
    int d = g.dim();
    TensorList list = new TensorList();
    for (int i = 0; i < g.layers(); i++) {
      String p = "gpt.h." + i + ".";
      list.norm(p + "ln_1", d).norm(p + "ln_2", d);
      transposed(list, p + "attn.c_attn", d, 3 * d);
      transposed(list, p + "attn.c_proj", d, d);
      transposed(list, p + "mlp.c_fc", d, 4 * d);
      transposed(list, p + "mlp.c_proj", 4 * d, d);
    }
    list.norm("gpt.ln_f", d).norm("final_norm", d);
    list.add("text_embedding.weight", g.textTokens() + 1, d).add("text_pos_embedding.emb.weight", g.maxText() + 2, d);
    list.add("mel_embedding.weight", dims.codes() + 2, d).add("mel_pos_embedding.emb.weight", g.maxMel() + 3, d);
    list.linear("mel_head", dims.codes() + 2, d).linear("text_head", g.textTokens() + 1, d).add("speed_emb.weight", 2, d);
    list.linear("emovec_layer", d, dims.emotion().perceiver()).linear("emo_layer", d, d);
    conditioner(list, "", dims.speaker(), dims.width());
    conditioner(list, "emo_", dims.emotion(), dims.width());
    return list;
  }

  private static void transposed(TensorList list, String name, int k, int n) {
    list.add(name + ".weight", k, n).add(name + ".bias", n);
  }

  private static void conditioner(TensorList list, String prefix, Conditioner c, int width) {
    String e = prefix + "conditioning_encoder.";
    int d = c.output();
    list.add(e + "embed.conv.0.weight", d, 1, 3, 3).add(e + "embed.conv.0.bias", d);
    list.linear(e + "embed.out.0", d, d * ((width - 1) / 2)).add(e + "embed.pos_enc.pe", 1, c.positions(), d).norm(e + "after_norm", d);
    for (int i = 0; i < c.blocks(); i++) {
      block(list, e + "encoders." + i + ".", c);
    }
    perceiver(list, prefix + "perceiver_encoder.", c);
  }

  private static void block(TensorList list, String p, Conditioner c) {
    int d = c.output();
    for (String norm : new String[] {"norm_mha", "norm_conv", "norm_ff", "norm_final", "conv_module.norm"}) {
      list.norm(p + norm, d);
    }
    for (String linear : new String[] {"linear_q", "linear_k", "linear_v", "linear_out"}) {
      list.linear(p + "self_attn." + linear, d, d);
    }
    list.add(p + "self_attn.linear_pos.weight", d, d);
    list.add(p + "self_attn.pos_bias_u", c.heads(), d / c.heads()).add(p + "self_attn.pos_bias_v", c.heads(), d / c.heads());
    list.conv(p + "conv_module.pointwise_conv1", 2 * d, d, 1)
        .conv(p + "conv_module.depthwise_conv", d, 1, 15).conv(p + "conv_module.pointwise_conv2", d, d, 1);
    list.linear(p + "feed_forward.w_1", c.units(), d).linear(p + "feed_forward.w_2", d, c.units());
  }

  private static void perceiver(TensorList list, String p, Conditioner c) {
    int d = c.perceiver();
    int attention = c.heads() * c.headDim();
    int inner = d * c.perceiverMult() * 2 / 3;
    list.add(p + "latents", c.latents(), d).linear(p + "proj_context", d, c.output()).add(p + "norm.gamma", d);
    for (int i = 0; i < 2; i++) {
      String l = p + "layers." + i + ".";
      list.add(l + "0.to_q.weight", attention, d).add(l + "0.to_kv.weight", 2 * attention, d).add(l + "0.to_out.weight", d, attention);
      list.linear(l + "1.0", 2 * inner, d).linear(l + "1.2", d, inner);
    }
  }
}
