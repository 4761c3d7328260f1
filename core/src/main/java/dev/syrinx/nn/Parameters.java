package dev.syrinx.nn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Brings checkpoint tensors into a backend: converted to the storage type and packed for the backend's kernels on the way, some rows at a
 * time. Nothing but the result stays, and no tensor is held a second time as a whole.
 */
public final class Parameters {
  private final Backend backend;
  private final Precision precision;

  /** @param precision storage type of {@link #linear matrices}; vectors and tables stay float32 */
  public Parameters(Backend backend, Precision precision) {
    this.backend = backend;
    this.precision = precision;
  }

  public Backend backend() {
    return backend;
  }

  public Precision precision() {
    return precision;
  }

  /** The same with matrices in float32, for parts where narrow weights are not wanted. */
  public Parameters exact() {
    return new Parameters(backend, Precision.FP32);
  }

  /**
   * For the networks around the GPT, which are bound by arithmetic: matrices follow the precision where that makes products faster, but are
   * not quantised; elsewhere they are float32.
   */
  public Parameters around() {
    if (!backend.narrowProducts()) {
      return exact();
    }
    return precision == Precision.INT8 ? new Parameters(backend, Precision.FP16) : this;
  }

  /** A stored tensor in float32, in its own order. */
  public Tensor tensor(StoredTensor stored) {
    Tensor made = reserve(DType.F32, stored.shape().stream().mapToInt(Integer::intValue).toArray());
    Staging.fill(backend, made.view().segment(), stored.elements() * Float.BYTES, target -> copy(stored, target));
    return made;
  }

  private static void copy(StoredTensor stored, MemorySegment target) {
    float[] slab = new float[Math.toIntExact(Math.min(stored.elements(), Slab.ELEMENTS))];
    for (long from = 0; from < stored.elements(); from += slab.length) {
      int count = Math.toIntExact(Math.min(slab.length, stored.elements() - from));
      stored.read(from, count, slab, 0);
      MemorySegment.copy(slab, 0, target, JAVA_FLOAT, from * Float.BYTES, count);
    }
  }

  /** Host floats, for as long as the backend lives. */
  public Tensor tensor(float[] values, int... shape) {
    return tensor(StoredTensor.ofFloats("", values, shape));
  }

  /** Uninitialised float32 memory for as long as the backend lives. */
  public Tensor reserve(DType dtype, int... shape) {
    long elements = 1;
    for (int extent : shape) {
      elements *= extent;
    }
    return Tensor.of(View.of(backend.allocate(elements * dtype.bytes()), dtype, shape));
  }

  /** Gain and shift from two stored vectors. */
  public Norm norm(StoredTensor weight, StoredTensor bias, float eps) {
    return Norm.affine(tensor(weight), tensor(bias), eps);
  }

  /** A stored {@code [n, k]} (further axes are part of k) with its bias. */
  public Linear linear(StoredTensor weight, Optional<StoredTensor> bias) {
    return linear(weight.name(), MatrixSource.of(weight), bias.map(StoredTensor::toFloats));
  }

  /** A stored GPT-2 {@code Conv1D} weight {@code [k, n]}: transposed here. */
  public Linear linearTransposed(StoredTensor weight, Optional<StoredTensor> bias) {
    return linear(weight.name(), MatrixSource.transposed(weight), bias.map(StoredTensor::toFloats));
  }

  /** A stored one-dimensional convolution {@code [n, c, taps]}, reordered to {@code [n][tap][c]}. */
  public Linear conv(StoredTensor weight, Optional<StoredTensor> bias) {
    return linear(weight.name(), MatrixSource.reversed(weight), bias.map(StoredTensor::toFloats));
  }

  /** A stored depthwise convolution {@code [c, 1, taps]} as {@code [taps, c]}. */
  public Tensor depthwise(StoredTensor weight) {
    int channels = weight.dim(0);
    int taps = weight.dim(-1);
    float[] rows = new float[taps * channels];
    for (int t = 0; t < taps; t++) {
      weight.read(t, taps, channels, rows, t * channels);
    }
    return tensor(rows, taps, channels);
  }

  /** A row-major {@code [n][k]} matrix in the storage type and the backend's layout. */
  public Linear linear(String name, float[] rows, int n, int k, Optional<float[]> bias) {
    if ((long) n * k != rows.length) {
      throw new IllegalArgumentException(name + ": " + rows.length + " values are no [" + n + ", " + k + "]");
    }
    return linear(name, MatrixSource.of(rows, n, k), bias);
  }

  /**
   * A matrix {@code [n, k]} in the storage type and the backend's layout. It is read in slabs and never held as a whole.
   *
   * @param name for messages
   * @throws dev.syrinx.weights.CheckpointException if a value is outside what the storage type can hold
   */
  public Linear linear(String name, MatrixSource source, Optional<float[]> bias) {
    float[] magnitudes = new float[precision == Precision.INT8 ? source.n() : 0];
    int elements = (int) Math.min((long) source.n() * source.k(), Slab.ELEMENTS);
    Tensor weight = MatrixWriter.write(backend, precision.dtype(), source, () -> new Slab(name, precision, elements, magnitudes));
    return new Linear(weight, scales(magnitudes), bias.map(b -> tensor(b, source.n())));
  }

  private Optional<Tensor> scales(float[] magnitudes) {
    if (precision != Precision.INT8) {
      return Optional.empty();
    }
    float[] scales = new float[magnitudes.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = Slab.scale(magnitudes[i]);
    }
    return Optional.of(tensor(scales, scales.length));
  }
}
