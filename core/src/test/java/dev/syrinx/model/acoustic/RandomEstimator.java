package dev.syrinx.model.acoustic;

import dev.syrinx.model.MapSource;
import dev.syrinx.weights.ModelConfig;
import java.util.Random;

/** An estimator's tensors of random numbers, under the names of the official file, with one tensor that nothing reads. */
final class RandomEstimator {
  private final MapSource source = new MapSource();
  private final Random random;

  /** @param hidden width of the feed-forward parts */
  RandomEstimator(ModelConfig.SpeechToMel config, int hidden, Random random) {
    this.random = random;
    int width = config.transformer().hiddenDim();
    ModelConfig.Wavenet shape = config.wavenet();
    int wave = shape.hiddenDim();
    int mels = config.transformer().inChannels();
    linear("cond_projection", true, width, config.transformer().contentDim());
    linear("cond_x_merge_linear", true, width, 2 * mels + width + config.styleDim());
    embedder("t_embedder", width);
    embedder("t_embedder2", wave);
    for (int i = 0; i < config.transformer().depth(); i++) {
      block("transformer.layers." + i + ".", width, hidden);
    }
    norm("transformer.norm", width);
    linear("skip_linear", true, width, width + mels);
    linear("conv1", true, wave, width);
    linear("res_projection", true, wave, width);
    linear("wavenet.cond_layer.conv.conv", true, 2 * wave * shape.layers(), wave, 1);
    for (int i = 0; i < shape.layers(); i++) {
      linear("wavenet.in_layers." + i + ".conv.conv", true, 2 * wave, wave, shape.kernelSize());
      linear("wavenet.res_skip_layers." + i + ".conv.conv", true, i == shape.layers() - 1 ? wave : 2 * wave, wave, 1);
    }
    linear("final_layer.adaLN_modulation.1", true, 2 * wave, width);
    linear("final_layer.linear", true, wave, wave);
    linear("conv2", true, mels, wave, 1);
    linear("x_embedder", true, width, mels);
  }

  private void block(String layer, int width, int hidden) {
    norm(layer + "attention_norm", width);
    norm(layer + "ffn_norm", width);
    linear(layer + "attention.wqkv", false, 3 * width, width);
    linear(layer + "attention.wo", false, width, width);
    linear(layer + "feed_forward.w1", false, hidden, width);
    linear(layer + "feed_forward.w3", false, hidden, width);
    linear(layer + "feed_forward.w2", false, width, hidden);
    linear(layer + "skip_in_linear", true, width, 2 * width);
  }

  private void norm(String name, int width) {
    source.with("estimator." + name + ".norm.weight", floats(width, 1), width);
    linear(name + ".project_layer", true, 2 * width, width);
  }

  private void embedder(String name, int width) {
    source.with("estimator." + name + ".freqs", new float[] {0.01f, 0.002f, 0.0003f, 0.0001f}, 4);
    linear(name + ".mlp.0", true, width, 8);
    linear(name + ".mlp.2", true, width, width);
  }

  private void linear(String name, boolean bias, int... shape) {
    int inputs = shape[1] * (shape.length > 2 ? shape[2] : 1);
    source.with("estimator." + name + ".weight", floats(shape[0] * inputs, (float) (1.7 / Math.sqrt(inputs))), shape);
    if (bias) {
      source.with("estimator." + name + ".bias", floats(shape[0], 0.5f), shape[0]);
    }
  }

  private float[] floats(int count, float scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = scale * (random.nextFloat() * 2 - 1);
    }
    return values;
  }

  MapSource source() {
    return source;
  }
}
