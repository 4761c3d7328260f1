package dev.syrinx.nn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.syrinx.backend.Backend;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Brings checkpoint tensors into a backend: converts to the storage type, packs for the backend's kernels, one tensor at a time. Nothing but the result stays.
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

  /** A float32 tensor as it is. */
  public Tensor tensor(StoredTensor stored) {
    return tensor(stored.toFloats(), stored.shape().stream().mapToInt(Integer::intValue).toArray());
  }

  /** Host floats, for as long as the backend lives. */
  public Tensor tensor(float[] values, int... shape) {
    MemorySegment memory = backend.allocate(values.length * 4L);
    try (Arena arena = Arena.ofConfined()) {
      backend.upload(arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, values), memory);
    }
    return Tensor.of(View.of(memory, DType.F32, shape));
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

  /** A stored {@code [n, k]} (further axes of extent 1 are dropped) with its bias. */
  public Linear linear(StoredTensor weight, Optional<StoredTensor> bias) {
    int n = weight.dim(0);
    return linear(weight.name(), weight.toFloats(), n, Math.toIntExact(weight.elements() / n), bias.map(StoredTensor::toFloats));
  }

  /** A stored GPT-2 {@code Conv1D} weight {@code [k, n]}: transposed here. */
  public Linear linearTransposed(StoredTensor weight, Optional<StoredTensor> bias) {
    int k = weight.dim(0);
    int n = weight.dim(1);
    float[] stored = weight.toFloats();
    float[] rows = new float[stored.length];
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < n; j++) {
        rows[j * k + i] = stored[i * n + j];
      }
    }
    return linear(weight.name(), rows, n, k, bias.map(StoredTensor::toFloats));
  }

  /** A stored one-dimensional convolution {@code [n, c, taps]}, reordered to {@code [n][tap][c]}. */
  public Linear conv(StoredTensor weight, Optional<StoredTensor> bias) {
    int n = weight.dim(0);
    int channels = weight.dim(1);
    int taps = weight.rank() > 2 ? weight.dim(2) : 1;
    float[] stored = weight.toFloats();
    float[] rows = new float[stored.length];
    for (int j = 0; j < n; j++) {
      for (int c = 0; c < channels; c++) {
        for (int t = 0; t < taps; t++) {
          rows[(j * taps + t) * channels + c] = stored[(j * channels + c) * taps + t];
        }
      }
    }
    return linear(weight.name(), rows, n, channels * taps, bias.map(StoredTensor::toFloats));
  }

  /** A stored depthwise convolution {@code [c, 1, taps]} as {@code [taps, c]}. */
  public Tensor depthwise(StoredTensor weight) {
    int channels = weight.dim(0);
    int taps = weight.dim(-1);
    float[] stored = weight.toFloats();
    float[] rows = new float[stored.length];
    for (int c = 0; c < channels; c++) {
      for (int t = 0; t < taps; t++) {
        rows[t * channels + c] = stored[c * taps + t];
      }
    }
    return tensor(rows, taps, channels);
  }

  /** A row-major {@code [n][k]} matrix in the storage type and the backend's layout. */
  public Linear linear(String name, float[] rows, int n, int k, Optional<float[]> bias) {
    if ((long) n * k != rows.length) {
      throw new IllegalArgumentException(name + ": " + rows.length + " values are no [" + n + ", " + k + "]");
    }
    Optional<Tensor> scale = Optional.empty();
    Tensor weight;
    if (precision == Precision.FP32) {
      return new Linear(pack(View.of(MemorySegment.ofArray(rows), DType.F32, n, k)), scale, bias.map(b -> tensor(b, n)));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment narrow = arena.allocate((long) rows.length * precision.dtype().bytes(), 64);
      if (precision == Precision.INT8) {
        scale = Optional.of(tensor(quantize(name, rows, n, k, narrow), n));
      } else {
        convert(name, rows, precision.dtype(), narrow);
      }
      weight = pack(View.of(narrow, precision.dtype(), n, k));
    }
    return new Linear(weight, scale, bias.map(b -> tensor(b, n)));
  }

  private Tensor pack(View plain) {
    Layout layout = backend.layout(Gemm.SPEC, "w");
    long bytes = layout.bytes(plain.dtype(), plain.shape());
    MemorySegment memory = backend.allocate(bytes);
    try (Arena arena = Arena.ofConfined()) {
      boolean host = memory.byteSize() != 0;
      MemorySegment target = host ? memory : arena.allocate(bytes, 64);
      layout.pack(plain, target);
      if (!host) {
        backend.upload(target, memory);
      }
    }
    return Tensor.of(layout == Layout.ROW_MAJOR ? View.of(memory, plain.dtype(), plain.shape()) : View.packed(memory, plain.dtype(), layout, plain.shape()));
  }

  private static void convert(String name, float[] values, DType dtype, MemorySegment target) {
    for (int i = 0; i < values.length; i++) {
      float v = values[i];
      switch (dtype) {
        case BF16 -> target.set(JAVA_SHORT_UNALIGNED, i * 2L, DType.toBf16(v));
        default -> target.set(JAVA_SHORT_UNALIGNED, i * 2L, half(name, v));
      }
    }
  }

  private static short half(String name, float value) {
    if (!(Math.abs(value) <= 65504f)) {
      throw new CheckpointException("tensor '" + name + "' holds " + value + ", which fp16 cannot store; load it with precision fp32 or bf16");
    }
    return Float.floatToFloat16(value);
  }

  /** Symmetric rounding to ±127 per output; returns the scales. */
  private static float[] quantize(String name, float[] rows, int n, int k, MemorySegment target) {
    float[] scales = new float[n];
    for (int j = 0; j < n; j++) {
      float largest = 0;
      for (int i = 0; i < k; i++) {
        largest = Math.max(largest, Math.abs(rows[j * k + i]));
      }
      if (!Float.isFinite(largest)) {
        throw new CheckpointException("tensor '" + name + "' row " + j + " is not finite and cannot be stored as int8; load it with precision fp32");
      }
      scales[j] = largest / 127f;
      for (int i = 0; i < k; i++) {
        int q = largest == 0 ? 0 : Math.round(rows[j * k + i] / scales[j]);
        target.set(JAVA_BYTE, (long) j * k + i, (byte) Math.max(-127, Math.min(127, q)));
      }
    }
    return scales;
  }
}
