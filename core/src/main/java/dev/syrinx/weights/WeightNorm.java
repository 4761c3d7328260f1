package dev.syrinx.weights;

/** Weight normalisation (Salimans and Kingma 2016): w = g · v / ‖v‖₂, one norm per index of the first axis, whatever that axis means. */
final class WeightNorm {
  private WeightNorm() {}

  /**
   * @param g lengths {@code [d0, 1, …]}
   * @param v directions {@code [d0, d1, …]}
   * @return float32 of the shape of v
   */
  static StoredTensor fold(String name, StoredTensor g, StoredTensor v) {
    float[] lengths = g.toFloats();
    float[] weights = v.toFloats();
    int row = lengths.length == 0 ? 0 : weights.length / lengths.length;
    for (int i = 0; i < lengths.length; i++) {
      double norm = norm(weights, i * row, row);
      if (norm == 0 && row > 0) {
        throw new CheckpointException("tensor '%s': row %d is zero, so it has no direction".formatted(v.name(), i));
      }
      double scale = lengths[i] / norm;
      for (int j = i * row; j < (i + 1) * row; j++) {
        weights[j] = (float) (weights[j] * scale);
      }
    }
    int[] shape = v.shape().stream().mapToInt(Integer::intValue).toArray();
    return StoredTensor.ofFloats(name, weights, shape);
  }

  private static double norm(float[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += (double) values[i] * values[i];
    }
    return Math.sqrt(sum);
  }
}
