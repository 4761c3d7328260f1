package dev.syrinx.model.synthetic;

import dev.syrinx.model.synthetic.SyntheticDims.Flow;
import dev.syrinx.model.synthetic.SyntheticDims.Vocoder;
import java.util.List;

/** The tensors of {@code s2mel.pth} and of BigVGAN. */
final class FlowTensors {
  private static final int TIME_FREQUENCIES = 128;

  private FlowTensors() {}

  static TensorList projection(SyntheticDims dims) {
    List<Integer> hidden = dims.flow().projection();
    TensorList list = new TensorList().linear("0", hidden.get(0), dims.gpt().dim());
    return list.linear("1", hidden.get(1), hidden.get(0)).linear("2", dims.width(), hidden.get(1));
  }

  static TensorList regulator(SyntheticDims dims) {
    int d = dims.flow().content();
    TensorList list = new TensorList().linear("content_in_proj", d, dims.width()).add("embedding.weight", 32, d).add("mask_token", 1, d);
    for (int i = 0; i < 4; i++) {
      list.conv("model." + 3 * i, d, d, 3).norm("model." + (3 * i + 1), d);
    }
    return list.conv("model.12", d, d, 1);
  }

  static TensorList estimator(SyntheticDims dims) {
    Flow f = dims.flow();
    int d = f.dim();
    TensorList list = new TensorList();
    String e = "estimator.";
    list.linear(e + "cond_projection", d, f.content()).linear(e + "cond_x_merge_linear", d, 2 * f.mels() + d + dims.cam().style());
    time(list, e + "t_embedder", d);
    time(list, e + "t_embedder2", f.wavenet());
    for (int i = 0; i < f.depth(); i++) {
      String p = e + "transformer.layers." + i + ".";
      list.add(p + "attention.wqkv.weight", 3 * d, d).add(p + "attention.wo.weight", d, d);
      list.add(p + "feed_forward.w1.weight", f.inner(), d)
          .add(p + "feed_forward.w3.weight", f.inner(), d).add(p + "feed_forward.w2.weight", d, f.inner());
      adaptive(list, p + "attention_norm", d);
      adaptive(list, p + "ffn_norm", d);
      list.linear(p + "skip_in_linear", d, 2 * d);
    }
    adaptive(list, e + "transformer.norm", d);
    list.linear(e + "skip_linear", d, d + f.mels()).linear(e + "conv1", f.wavenet(), d).linear(e + "res_projection", f.wavenet(), d);
    wavenet(list, e + "wavenet.", f);
    list.normedWithBias(e + "final_layer.linear", f.wavenet(), f.wavenet())
        .linear(e + "final_layer.adaLN_modulation.1", 2 * f.wavenet(), d);
    list.conv(e + "conv2", f.mels(), f.wavenet(), 1);
    list.normedWithBias(e + "x_embedder", d, f.mels()).add(e + "cond_embedder.weight", 16, d).add(e + "content_mask_embedder.weight", 1, d);
    return list.add(e + "input_pos", 16384);
  }

  private static void time(TensorList list, String p, int d) {
    list.add(p + ".freqs", TIME_FREQUENCIES).linear(p + ".mlp.0", d, 2 * TIME_FREQUENCIES).linear(p + ".mlp.2", d, d);
  }

  private static void adaptive(TensorList list, String p, int d) {
    list.add(p + ".norm.weight", d).linear(p + ".project_layer", 2 * d, d);
  }

  private static void wavenet(TensorList list, String p, Flow f) {
    int d = f.wavenet();
    list.normedWithBias(p + "cond_layer.conv.conv", 2 * d * f.wavenetLayers(), d, 1);
    for (int i = 0; i < f.wavenetLayers(); i++) {
      list.normedWithBias(p + "in_layers." + i + ".conv.conv", 2 * d, d, f.kernel());
      list.normedWithBias(p + "res_skip_layers." + i + ".conv.conv", (i < f.wavenetLayers() - 1 ? 2 : 1) * d, d, 1);
    }
  }

  static TensorList vocoder(SyntheticDims dims) {
    Vocoder v = dims.vocoder();
    TensorList list = new TensorList().normedWithBias("conv_pre", v.initial(), dims.flow().mels(), 7);
    int c = v.initial();
    int n = 0;
    for (int i = 0; i < v.rates().size(); i++) {
      String up = "ups." + i + ".0";
      list.normed(up, c, c / 2, v.kernels().get(i)).add(up + ".bias", c / 2);
      c /= 2;
      for (int k : v.resKernels()) {
        residual(list, "resblocks." + n++ + ".", c, k);
      }
    }
    activation(list, "activation_post", c);
    return list.normed("conv_post", 1, c, 7);
  }

  private static void residual(TensorList list, String p, int c, int k) {
    for (int j = 0; j < 3; j++) {
      list.normedWithBias(p + "convs1." + j, c, c, k).normedWithBias(p + "convs2." + j, c, c, k);
      activation(list, p + "activations." + 2 * j, c);
      activation(list, p + "activations." + (2 * j + 1), c);
    }
  }

  private static void activation(TensorList list, String p, int c) {
    list.add(p + ".act.alpha", c)
        .add(p + ".act.beta", c).add(p + ".upsample.filter", 1, 1, 12).add(p + ".downsample.lowpass.filter", 1, 1, 12);
  }
}
