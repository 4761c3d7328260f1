package dev.syrinx.model.acoustic;

import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.DoubleUnaryOperator;

/**
 * The estimator step by step as the paper's code orders it, in double, for one branch and all frames: nothing folded, tabulated or skipped.
 */
final class PlainEstimator {
  private final TensorTable weights;
  private final ModelConfig.SpeechToMel config;

  PlainEstimator(WeightSource source, ModelConfig.SpeechToMel config) {
    weights = new TensorTable(source, "test").under("estimator");
    this.config = config;
  }

  /** All inputs {@code [frames][channels]}; the result is the velocity {@code [frames][mels]}. */
  double[][] velocity(double[][] x, double[][] prompt, double[][] condition, double[] style, double time) {
    double[] t = embed("t_embedder", time);
    double[][] c = linear("cond_projection", condition);
    double[][] u = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      u[i] = join(join(x[i], prompt[i]), join(c[i], style));
    }
    u = linear("cond_x_merge_linear", u);
    int depth = config.transformer().depth();
    Deque<double[][]> skips = new ArrayDeque<>();
    for (int i = 0; i < depth; i++) {
      String layer = "transformer.layers." + i + ".";
      if (i > depth / 2) {
        u = linear(layer + "skip_in_linear", beside(u, skips.pop()));
      }
      double[][] attended = attention(linear(layer + "attention.wqkv", adaptive(layer + "attention_norm", u, t)));
      double[][] h = add(u, linear(layer + "attention.wo", attended));
      double[][] n = adaptive(layer + "ffn_norm", h, t);
      double[][] gate = map(linear(layer + "feed_forward.w1", n), v -> v / (1 + Math.exp(-v)));
      u = add(h, linear(layer + "feed_forward.w2", times(gate, linear(layer + "feed_forward.w3", n))));
      if (i < depth / 2) {
        skips.push(u);
      }
    }
    double[][] r = linear("skip_linear", beside(adaptive("transformer.norm", u, t), x));
    double[][] y = add(waveNet(linear("conv1", r), embed("t_embedder2", time)), linear("res_projection", r));
    return linear("conv2", linear("final_layer.linear", modulated(y, t)));
  }

  private double[] embed(String name, double time) {
    float[] frequencies = weights.tensor(name + ".freqs", -1).toFloats();
    double[] waves = new double[2 * frequencies.length];
    for (int i = 0; i < frequencies.length; i++) {
      waves[i] = Math.cos(1000 * time * frequencies[i]);
      waves[frequencies.length + i] = Math.sin(1000 * time * frequencies[i]);
    }
    double[][] h = map(linear(name + ".mlp.0", new double[][] {waves}), v -> v / (1 + Math.exp(-v)));
    return linear(name + ".mlp.2", h)[0];
  }

  private double[][] adaptive(String name, double[][] x, double[] t) {
    double[] p = linear(name + ".project_layer", new double[][] {t})[0];
    float[] gain = weights.tensor(name + ".norm.weight", -1).toFloats();
    double[][] y = new double[x.length][gain.length];
    for (int i = 0; i < x.length; i++) {
      double squares = 0;
      for (double v : x[i]) {
        squares += v * v;
      }
      for (int j = 0; j < gain.length; j++) {
        y[i][j] = p[j] * gain[j] * x[i][j] / Math.sqrt(squares / gain.length + 1e-5) + p[gain.length + j];
      }
    }
    return y;
  }

  private double[][] modulated(double[][] x, double[] t) {
    double[][] active = map(new double[][] {t}, v -> v / (1 + Math.exp(-v)));
    double[] p = linear("final_layer.adaLN_modulation.1", active)[0];
    int width = x[0].length;
    double[][] y = new double[x.length][width];
    for (int i = 0; i < x.length; i++) {
      double mean = 0;
      double variance = 0;
      for (double v : x[i]) {
        mean += v / width;
      }
      for (double v : x[i]) {
        variance += (v - mean) * (v - mean) / width;
      }
      for (int j = 0; j < width; j++) {
        y[i][j] = (x[i][j] - mean) / Math.sqrt(variance + 1e-6) * (1 + p[width + j]) + p[j];
      }
    }
    return y;
  }

  private double[][] attention(double[][] qkv) {
    int width = qkv[0].length / 3;
    int d = width / config.transformer().heads();
    double[][] y = new double[qkv.length][width];
    for (int i = 0; i < qkv.length; i++) {
      for (int h = 0; h < config.transformer().heads(); h++) {
        double[] scores = new double[qkv.length];
        double sum = 0;
        for (int j = 0; j < qkv.length; j++) {
          for (int c = 0; c < d; c++) {
            scores[j] += rotated(qkv, i, h * d, c, d) * rotated(qkv, j, width + h * d, c, d) / Math.sqrt(d);
          }
          scores[j] = Math.exp(scores[j]);
          sum += scores[j];
        }
        for (int j = 0; j < qkv.length; j++) {
          for (int c = 0; c < d; c++) {
            y[i][h * d + c] += scores[j] / sum * qkv[j][2 * width + h * d + c];
          }
        }
      }
    }
    return y;
  }

  private static double rotated(double[][] x, int position, int head, int c, int d) {
    int pair = c - c % 2;
    double angle = position * Math.pow(10000, -(double) pair / d);
    double even = x[position][head + pair];
    double odd = x[position][head + pair + 1];
    return c % 2 == 0 ? even * Math.cos(angle) - odd * Math.sin(angle) : odd * Math.cos(angle) + even * Math.sin(angle);
  }

  private double[][] waveNet(double[][] start, double[] t) {
    int wave = config.wavenet().hiddenDim();
    double[] g = linear("wavenet.cond_layer.conv.conv", new double[][] {t})[0];
    double[][] h = start;
    double[][] out = new double[h.length][wave];
    int dilation = 1;
    for (int l = 0; l < config.wavenet().layers(); l++) {
      double[][] a = convolved("wavenet.in_layers." + l + ".conv.conv", h, dilation);
      double[][] z = new double[h.length][wave];
      for (int i = 0; i < h.length; i++) {
        for (int j = 0; j < wave; j++) {
          double second = a[i][wave + j] + g[(2 * l + 1) * wave + j];
          z[i][j] = Math.tanh(a[i][j] + g[2 * l * wave + j]) / (1 + Math.exp(-second));
        }
      }
      double[][] s = linear("wavenet.res_skip_layers." + l + ".conv.conv", z);
      boolean last = l == config.wavenet().layers() - 1;
      out = add(out, columns(s, last ? 0 : wave, wave));
      h = last ? h : add(h, columns(s, 0, wave));
      dilation *= config.wavenet().dilationRate();
    }
    return out;
  }

  private double[][] convolved(String name, double[][] x, int dilation) {
    float[] w = weights.tensor(name + ".weight", -1, -1, -1).toFloats();
    float[] bias = weights.tensor(name + ".bias", -1).toFloats();
    int taps = config.wavenet().kernelSize();
    int inputs = x[0].length;
    double[][] y = new double[x.length][bias.length];
    for (int i = 0; i < x.length; i++) {
      for (int n = 0; n < bias.length; n++) {
        y[i][n] = bias[n];
        for (int k = 0; k < taps; k++) {
          int from = Math.abs(i + (k - taps / 2) * dilation);
          from = from >= x.length ? 2 * (x.length - 1) - from : from;
          for (int c = 0; c < inputs; c++) {
            y[i][n] += w[(n * inputs + c) * taps + k] * x[from][c];
          }
        }
      }
    }
    return y;
  }

  private double[][] linear(String name, double[][] x) {
    int k = x[0].length;
    float[] w = weights.tensor(name + ".weight", shape(name + ".weight")).toFloats();
    float[] bias = weights.has(name + ".bias") ? weights.tensor(name + ".bias", -1).toFloats() : new float[w.length / k];
    double[][] y = new double[x.length][bias.length];
    for (int i = 0; i < x.length; i++) {
      for (int n = 0; n < bias.length; n++) {
        y[i][n] = bias[n];
        for (int j = 0; j < k; j++) {
          y[i][n] += (double) w[n * k + j] * x[i][j];
        }
      }
    }
    return y;
  }

  /** Convolutions of width 1 are stored with a third axis. */
  private static int[] shape(String name) {
    return name.contains("conv.conv") || name.startsWith("conv2") ? new int[] {-1, -1, 1} : new int[] {-1, -1};
  }

  private static double[] join(double[] a, double[] b) {
    double[] y = java.util.Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, y, a.length, b.length);
    return y;
  }

  private static double[][] beside(double[][] a, double[][] b) {
    double[][] y = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      y[i] = join(a[i], b[i]);
    }
    return y;
  }

  private static double[][] columns(double[][] x, int from, int count) {
    double[][] y = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      y[i] = java.util.Arrays.copyOfRange(x[i], from, from + count);
    }
    return y;
  }

  private static double[][] add(double[][] a, double[][] b) {
    double[][] y = new double[a.length][a[0].length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < y[i].length; j++) {
        y[i][j] = a[i][j] + b[i][j];
      }
    }
    return y;
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] y = new double[a.length][a[0].length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < y[i].length; j++) {
        y[i][j] = a[i][j] * b[i][j];
      }
    }
    return y;
  }

  private static double[][] map(double[][] x, DoubleUnaryOperator function) {
    double[][] y = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      y[i] = java.util.Arrays.stream(x[i]).map(function).toArray();
    }
    return y;
  }
}
