package dev.syrinx.model.synthetic;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.WeightSource;
import java.util.Map;
import java.util.Set;

/**
 * Tensors of seeded random numbers, made when asked for and never kept: a model of any size without a file. Magnitudes are such that
 * activations stay near 1 through all layers: matrices are uniform with variance 1/inputs, gains are near 1, shifts small.
 */
final class SyntheticSource implements WeightSource {
  private static final float[] FILTER = {
    0.0020289663f, 0.009389464f, -0.025543464f, -0.057657376f, 0.12857261f, 0.4432098f,
    0.4432098f, 0.12857261f, -0.057657376f, -0.025543464f, 0.009389464f, 0.0020289663f
  };

  /** Elements from which on a hollow tensor is ones. */
  private static final int LARGE = 1 << 16;

  private final String origin;
  private final Map<String, int[]> shapes;
  private final long seed;
  private final boolean hollow;

  SyntheticSource(String origin, TensorList list, long seed, boolean hollow) {
    this.origin = origin;
    this.shapes = list.shapes;
    this.seed = seed;
    this.hollow = hollow;
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public Set<String> names() {
    return shapes.keySet();
  }

  @Override
  public StoredTensor tensor(String name) {
    int[] shape = shapes.get(name);
    if (shape == null) {
      throw new CheckpointException(origin + " has no tensor '" + name + "'");
    }
    if (name.endsWith("num_batches_tracked") || name.endsWith("input_pos")) {
      return StoredTensor.ofLongs(name, positions(shape), shape);
    }
    return StoredTensor.ofFloats(name, values(name, shape), shape);
  }

  private static long[] positions(int[] shape) {
    long[] values = new long[shape.length == 0 ? 1 : shape[0]];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return values;
  }

  private float[] values(String name, int[] shape) {
    int count = 1;
    for (int extent : shape) {
      count = Math.multiplyExact(count, extent);
    }
    float[] values = new float[count];
    if (name.endsWith(".filter")) {
      System.arraycopy(FILTER, 0, values, 0, count);
      return values;
    }
    if (name.endsWith("freqs")) {
      for (int i = 0; i < count; i++) {
        values[i] = (float) Math.exp(-Math.log(10000) * i / count);
      }
      return values;
    }
    if (hollow && count >= LARGE) {
      java.util.Arrays.fill(values, 1f); // zeros have no direction
    }
    float centre = centre(name, shape);
    long start = seed * 0x9E3779B97F4A7C15L + name.hashCode();
    XorShift.fill(values, centre, spread(name, shape), start == 0 ? 1 : start);
    return values;
  }

  private static float centre(String name, int[] shape) {
    boolean gain = shape.length == 1 && (name.endsWith(".weight") || name.endsWith("gamma"));
    boolean factor = name.endsWith("running_var") || name.endsWith("weight_g") || name.equals("var");
    return gain || factor ? 1f : 0f;
  }

  private static float spread(String name, int[] shape) {
    if (shape.length <= 1 || name.endsWith("weight_g")) {
      return 0.05f;
    }
    boolean table = name.contains("embed") && shape.length == 2;
    if (table || name.endsWith("codebook.weight") || name.endsWith("latents") || name.endsWith(".pe")) {
      return 1f;
    }
    int inputs = 1;
    for (int i = 1; i < shape.length; i++) {
      inputs *= shape[i];
    }
    boolean transposed = name.startsWith("gpt.h.");
    return (float) Math.sqrt(3.0 / (transposed ? shape[0] : inputs));
  }

  @Override
  public void close() {}

  /** Number of elements of all tensors. */
  long elements() {
    return shapes.values().stream().mapToLong(s -> java.util.Arrays.stream(s).asLongStream().reduce(1, (a, b) -> a * b)).sum();
  }
}
