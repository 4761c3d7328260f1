package dev.syrinx.model.synthetic;

import dev.syrinx.model.synthetic.SyntheticDims.Cam;
import dev.syrinx.model.synthetic.SyntheticDims.Codec;
import dev.syrinx.model.synthetic.SyntheticDims.W2v;

/** The tensors of w2v-BERT, the semantic codec and CAM++. */
final class PromptTensors {
  private PromptTensors() {}

  static TensorList w2v(SyntheticDims dims) {
    W2v w = dims.w2v();
    int d = dims.width();
    TensorList list = new TensorList().add("masked_spec_embed", d);
    list.norm("feature_projection.layer_norm", w.input()).linear("feature_projection.projection", d, w.input());
    for (int i = 0; i < w.layers(); i++) {
      String p = "encoder.layers." + i + ".";
      for (String norm : new String[] {
        "ffn1_layer_norm", "ffn2_layer_norm", "self_attn_layer_norm", "final_layer_norm", "conv_module.layer_norm",
        "conv_module.depthwise_layer_norm"
      }) {
        list.norm(p + norm, d);
      }
      for (String ffn : new String[] {"ffn1", "ffn2"}) {
        list.linear(p + ffn + ".intermediate_dense", w.inner(), d).linear(p + ffn + ".output_dense", d, w.inner());
      }
      for (String linear : new String[] {"linear_q", "linear_k", "linear_v", "linear_out"}) {
        list.linear(p + "self_attn." + linear, d, d);
      }
      list.add(p + "self_attn.distance_embedding.weight", w.left() + w.right() + 1, d / w.heads());
      list.add(p + "conv_module.pointwise_conv1.weight", 2 * d, d, 1).add(p + "conv_module.depthwise_conv.weight", d, 1, w.kernel());
      list.add(p + "conv_module.pointwise_conv2.weight", d, d, 1);
    }
    return list;
  }

  static TensorList codec(SyntheticDims dims) {
    Codec c = dims.codec();
    int d = dims.width();
    TensorList list = new TensorList();
    for (String side : new String[] {"encoder", "decoder"}) {
      String p = side + ".0.";
      list.conv(p + "embed", c.vocos(), d, 7).norm(p + "norm", c.vocos()).norm(p + "final_layer_norm", c.vocos());
      for (int i = 0; i < c.blocks(); i++) {
        String b = p + "convnext." + i + ".";
        list.conv(b + "dwconv", c.vocos(), 1, 7).norm(b + "norm", c.vocos()).linear(b + "pwconv1", c.inner(), c.vocos());
        list.linear(b + "pwconv2", c.vocos(), c.inner()).add(b + "gamma", c.vocos());
      }
      list.linear(side + ".1", d, c.vocos());
    }
    String q = "quantizer.quantizers.0.";
    list.normedWithBias(q + "in_project", c.dim(), d, 1).normedWithBias(q + "out_project", d, c.dim(), 1);
    return list.add(q + "codebook.weight", dims.codes(), c.dim());
  }

  static TensorList cam(SyntheticDims dims) {
    Cam c = dims.cam();
    int h = c.head();
    TensorList list = new TensorList();
    list.add("head.conv1.weight", h, 1, 3, 3)
        .batchNorm("head.bn1", h, true).add("head.conv2.weight", h, h, 3, 3).batchNorm("head.bn2", h, true);
    for (int layer = 1; layer <= 2; layer++) {
      for (int block = 0; block < 2; block++) {
        String p = "head.layer" + layer + "." + block + ".";
        list.add(p + "conv1.weight", h, h, 3, 3)
            .batchNorm(p + "bn1", h, true).add(p + "conv2.weight", h, h, 3, 3).batchNorm(p + "bn2", h, true);
        if (block == 0) {
          list.add(p + "shortcut.0.weight", h, h, 1, 1).batchNorm(p + "shortcut.1", h, true);
        }
      }
    }
    list.add("xvector.tdnn.linear.weight", c.init(), h * (dims.w2v().input() / 2 / 8), 5)
        .batchNorm("xvector.tdnn.nonlinear.batchnorm", c.init(), true);
    int channels = c.init();
    for (int block = 1; block <= c.layers().size(); block++) {
      channels = dense(list, c, block, channels);
    }
    list.batchNorm("xvector.out_nonlinear.batchnorm", channels, true);
    return list.add("xvector.dense.linear.weight", c.style(), 2 * channels, 1)
        .batchNorm("xvector.dense.nonlinear.batchnorm", c.style(), false);
  }

  private static int dense(TensorList list, Cam c, int block, int channels) {
    int middle = c.bottleneck() * c.growth();
    int width = channels;
    for (int i = 1; i <= c.layers().get(block - 1); i++, width += c.growth()) {
      String p = "xvector.block" + block + ".tdnnd" + i + ".";
      list.batchNorm(p + "nonlinear1.batchnorm", width, true)
          .add(p + "linear1.weight", middle, width, 1).batchNorm(p + "nonlinear2.batchnorm", middle, true);
      list.add(p + "cam_layer.linear_local.weight", c.growth(), middle, 3);
      list.conv(p + "cam_layer.linear1", middle / 2, middle, 1).conv(p + "cam_layer.linear2", c.growth(), middle / 2, 1);
    }
    String t = "xvector.transit" + block + ".";
    list.batchNorm(t + "nonlinear.batchnorm", width, true).add(t + "linear.weight", width / 2, width, 1);
    return width / 2;
  }
}
