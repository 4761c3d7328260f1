package dev.syrinx.model.semantic;

import dev.syrinx.backend.Linear;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.Optional;

/**
 * The quantiser's matrices, in the form in which they are used.
 *
 * @param search {@code [dim, width]}
 * @param codebook rows of unit length {@code [codes, dim]}: the nearest one to a unit vector has the greatest product with it
 * @param vectors {@code [codes, width]}
 */
record CodecTables(Linear search, Linear codebook, Tensor vectors) {
  static CodecTables load(TensorTable quantizer, int width, float unitEps, Parameters parameters) {
    StoredTensor codebook = quantizer.tensor("codebook.weight", -1, -1);
    int codes = codebook.dim(0);
    int dim = codebook.dim(1);
    float[] rows = codebook.toFloats();
    StoredTensor in = quantizer.weightNormed("in_project", dim, width, 1);
    float[] out = quantizer.weightNormed("out_project", width, dim, 1).toFloats();
    float[] bias = quantizer.tensor("out_project.bias", width).toFloats();
    return new CodecTables(
        parameters.linear(in, Optional.of(quantizer.tensor("in_project.bias", dim))),
        parameters.linear(codebook.name(), unit(rows, dim, unitEps), codes, dim, Optional.empty()),
        parameters.tensor(project(rows, codes, dim, out, bias), codes, width));
  }

  private static float[] unit(float[] rows, int dim, float eps) {
    float[] scaled = rows.clone();
    for (int from = 0; from < rows.length; from += dim) {
      double sum = 0;
      for (int i = from; i < from + dim; i++) {
        sum += (double) rows[i] * rows[i];
      }
      double length = Math.max(Math.sqrt(sum), eps);
      for (int i = from; i < from + dim; i++) {
        scaled[i] = (float) (rows[i] / length);
      }
    }
    return scaled;
  }

  /** rows·outᵀ + bias: {@code [codes, width]}. */
  private static float[] project(float[] rows, int codes, int dim, float[] out, float[] bias) {
    int width = bias.length;
    float[] vectors = new float[Math.multiplyExact(codes, width)];
    for (int code = 0; code < codes; code++) {
      for (int j = 0; j < width; j++) {
        double sum = bias[j];
        for (int i = 0; i < dim; i++) {
          sum += (double) rows[code * dim + i] * out[j * dim + i];
        }
        vectors[code * width + j] = (float) sum;
      }
    }
    return vectors;
  }
}
