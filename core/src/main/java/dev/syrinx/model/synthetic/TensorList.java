package dev.syrinx.model.synthetic;

import java.util.LinkedHashMap;
import java.util.Map;

/** Names and extents of a component's tensors, in file order. */
final class TensorList {
  final Map<String, int[]> shapes = new LinkedHashMap<>();

  TensorList add(String name, int... shape) {
    shapes.put(name, shape);
    return this;
  }

  /** Weight {@code [n, k]} and bias. */
  TensorList linear(String name, int n, int k) {
    return add(name + ".weight", n, k).add(name + ".bias", n);
  }

  /** Gain and shift. */
  TensorList norm(String name, int d) {
    return add(name + ".weight", d).add(name + ".bias", d);
  }

  TensorList conv(String name, int n, int c, int taps) {
    return add(name + ".weight", n, c, taps).add(name + ".bias", n);
  }

  /** A weight-normed convolution: gains along the first axis. */
  TensorList normed(String name, int n, int... rest) {
    int[] g = new int[rest.length + 1];
    java.util.Arrays.fill(g, 1);
    g[0] = n;
    int[] v = new int[rest.length + 1];
    v[0] = n;
    System.arraycopy(rest, 0, v, 1, rest.length);
    return add(name + ".weight_g", g).add(name + ".weight_v", v);
  }

  TensorList normedWithBias(String name, int n, int... rest) {
    return normed(name, n, rest).add(name + ".bias", n);
  }

  /** Batch normalisation with its running statistics. */
  TensorList batchNorm(String name, int d, boolean affine) {
    if (affine) {
      norm(name, d);
    }
    return add(name + ".running_mean", d).add(name + ".running_var", d).add(name + ".num_batches_tracked");
  }
}
