package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Elementwise;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.kernels.activation.GatedUnit;
import dev.syrinx.kernels.activation.Pointwise;
import dev.syrinx.kernels.attention.Attention;
import dev.syrinx.kernels.attention.CopyBlocks;
import dev.syrinx.kernels.attention.DecodeAttention;
import dev.syrinx.kernels.attention.Rotary;
import dev.syrinx.kernels.conv.DepthwiseConv;
import dev.syrinx.kernels.conv.PadMode;
import dev.syrinx.kernels.conv.PadRows;
import dev.syrinx.kernels.conv.Snake;
import dev.syrinx.kernels.embed.GatherRows;
import dev.syrinx.kernels.embed.ScatterRows;
import dev.syrinx.kernels.gemm.GatedGemm;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.kernels.gemm.KeptGemm;
import dev.syrinx.kernels.gemm.MirroredGemm;
import dev.syrinx.kernels.gemm.NormedGemm;
import dev.syrinx.kernels.gemm.RotaryGemm;
import dev.syrinx.kernels.norm.GroupNorm;
import dev.syrinx.kernels.norm.L2Norm;
import dev.syrinx.kernels.norm.LayerNorm;
import dev.syrinx.kernels.norm.RmsNorm;
import dev.syrinx.kernels.signal.ArgmaxRows;
import dev.syrinx.kernels.signal.RowStatistics;
import dev.syrinx.kernels.signal.SegmentMean;
import dev.syrinx.kernels.signal.SegmentScale;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * The operations as model code sees them: typed, checked, allocating their results as temporaries of the open scope. Activations are
 * float32 and time-major {@code [time, channels]}; a matrix may be a slice of columns or rows of a wider one unless a method says
 * "contiguous".
 *
 * <p>Methods that end in {@code Into} write to a tensor that the caller provides. One forward pass at a time.
 *
 * <p>Long, because it is the one place that has a method for each operation; each is a few lines.
 */
public final class Ops extends Temporaries {
  private final Taps taps;

  public Ops(Backend backend, Taps taps) {
    super(backend);
    this.taps = taps;
  }

  /** Shows an intermediate result to whoever listens. */
  public void tap(String name, Tensor tensor) {
    taps.tap(name, tensor);
  }

  // ---- matrix products and convolutions

  /** Type in which a layer reads its input best. */
  public DType factors(Linear layer) {
    return backend().factors(layer.weight().dtype());
  }

  /** An uninitialised temporary for a layer's input, {@code [rows, k]}, in the type in which it reads it best. */
  public Tensor input(Linear layer, int rows) {
    return empty(factors(layer), rows, layer.k());
  }

  /** y = x·Wᵀ + b; x {@code [m, k]} to {@code [m, n]}. */
  public Tensor linear(Tensor x, Linear layer) {
    return linear(x, layer, Activation.NONE);
  }

  /** y = act(x·Wᵀ + b). */
  public Tensor linear(Tensor x, Linear layer, Activation activation) {
    Tensor y = empty(x.rows(), layer.n());
    linearInto(x, layer, activation, y);
    return y;
  }

  /** y = act(x·Wᵀ + b) into a matrix {@code [m, n]}. */
  public void linearInto(Tensor x, Linear layer, Activation activation, Tensor y) {
    gemm(Rows.of(x), layer, activation, 1f, Optional.empty(), Rows.of(y));
  }

  /** residual + alpha·(x·Wᵀ + b), as a new matrix; residual {@code [m, n]} contiguous. */
  public Tensor linearAdd(Tensor x, Linear layer, float alpha, Tensor residual) {
    Tensor y = empty(x.rows(), layer.n());
    gemm(Rows.of(x), layer, Activation.NONE, alpha, Optional.of(residual), Rows.of(y));
    return y;
  }

  /**
   * Convolution over time, without padding of its own: {@code padded [t, c]} contiguous to {@code [count, n]}, where the layer's k = taps·c
   * in the order [tap][channel].
   */
  public Tensor conv(Tensor padded, Linear layer, int stride, int dilation, int count, Activation activation) {
    Tensor y = empty(count, layer.n());
    convInto(padded, layer, stride, dilation, activation, Optional.empty(), y);
    return y;
  }

  /** The same into {@code y [count, n]}, optionally added to a residual of y's geometry (same row stride). */
  public void convInto(Tensor padded, Linear layer, int stride, int dilation, Activation activation, Optional<Tensor> residual, Tensor y) {
    int taps = layer.k() / padded.cols();
    if (taps * padded.cols() != layer.k()) {
      throw new ShapeException("convolution of " + padded + " by k=" + layer.k());
    }
    gemm(Rows.windows(padded, y.rows(), taps, stride, dilation), layer, activation, 1f, residual, Rows.of(y));
  }

  /** The general product: see {@link Gemm}. The residual has the geometry (strides) of y. */
  public void gemm(Rows x, Linear layer, Activation activation, float alpha, Optional<Tensor> residual, Rows y) {
    if (x.batch() != y.batch() || x.rows() != y.rows()) {
      throw new ShapeException("product of " + x + " into " + y);
    }
    if (x.rows() == 0 || x.batch() == 0) {
      return;
    }
    Tensor ySpan = y.reach(layer.n());
    Arguments a =
        Gemm.SPEC.arguments()
            .set("x", x.reach(layer.k() / x.taps()).view()).set("w", layer.weight().view()).set("y", ySpan.view())
            .set("batch", x.batch()).set("rows", x.rows()).set("taps", x.taps())
            .set("x_row", x.rowStride()).set("x_tap", x.tapStride()).set("x_batch", x.batchStride())
            .set("y_row", y.rowStride()).set("y_batch", y.batchStride())
            .set("activation", activation.id()).set("alpha", alpha);
    layer.bias().ifPresent(b -> a.set("bias", b.view()));
    layer.scale().ifPresent(s -> a.set("scale", s.view()));
    residual.ifPresent(r -> a.set("residual", y.over(r).reach(layer.n()).view()));
    run(a);
  }

  /**
   * y = residual + alpha·x·Wᵀ and z = part·y in one pass, if the device does that faster than one after the other.
   *
   * @param layer without bias
   * @param y absent if only z is wanted
   * @param z {@code [m, n]}, of any type
   * @return whether it was done; nothing has happened otherwise
   */
  public boolean addKeeping(Tensor x, Linear layer, float alpha, Tensor residual, Optional<Tensor> y, float part, Tensor z) {
    require(layer.bias().isEmpty(), "a kept product of a layer with a bias");
    if (z.dtype() != DType.F16 || layer.weight().dtype() != DType.F16 || layer.scale().isPresent()) {
      return false;
    }
    Arguments a =
        KeptGemm.SPEC.arguments().set("x", x.view()).set("w", layer.weight().view()).set("residual", residual.view()).set("z", z.view())
            .set("alpha", alpha).set("part", part);
    y.ifPresent(t -> a.set("y", t.view()));
    return ifFused(a);
  }

  /**
   * y = residual + alpha·(x·Wᵀ + b) and its rows normed by their root mean square in one pass, if the device does that faster than one
   * after the other.
   *
   * @param norm with gain and shift
   * @param normed {@code [m, n]}, of any type
   * @param part where y's {@code share} goes, too
   * @return whether it was done; nothing has happened otherwise
   */
  public boolean addNormed(
      Tensor x, Linear layer, float alpha, Optional<Tensor> residual, Tensor y, Norm norm, Tensor normed, float share, Optional<Tensor> part) {
    boolean halves = normed.dtype() == DType.F16 && layer.weight().dtype() == DType.F16 && layer.scale().isEmpty();
    if (!halves || norm.weight().isEmpty() || norm.bias().isEmpty()) {
      return false;
    }
    Arguments a =
        NormedGemm.SPEC.arguments().set("x", x.view()).set("w", layer.weight().view())
            .set("gain", norm.weight().get().view()).set("shift", norm.bias().get().view())
            .set("y", y.view()).set("v", normed.view()).set("alpha", alpha).set("part", share).set("eps", norm.eps());
    layer.bias().ifPresent(b -> a.set("bias", b.view()));
    residual.ifPresent(r -> a.set("residual", r.view()));
    part.ifPresent(p -> a.set("z", p.view()));
    return ifFused(a);
  }

  /**
   * y = residual + x·Wᵀ + b between margins that mirror it, in one pass, if the device does that faster than one after the other.
   *
   * @param x {@code [batch·m, k]}
   * @param residual {@code [batch·(m + 2·margin), n]}, of y's type
   * @param y likewise
   * @return whether it was done; nothing has happened otherwise
   */
  public boolean addMirrored(Tensor x, Linear layer, Optional<Tensor> residual, Tensor y, int batch, int margin) {
    if (y.dtype() != DType.F16 || layer.weight().dtype() != DType.F16 || layer.scale().isPresent()) {
      return false;
    }
    Arguments a =
        MirroredGemm.SPEC.arguments().set("x", x.view()).set("w", layer.weight().view()).set("y", y.view()).set("batch", batch).set("margin", margin);
    layer.bias().ifPresent(b -> a.set("bias", b.view()));
    residual.ifPresent(r -> a.set("residual", r.view()));
    return ifFused(a);
  }

  private boolean ifFused(Arguments a) {
    boolean fuses = backend().fuses(a.checked());
    if (fuses) {
      backend().run(a);
    }
    return fuses;
  }

  /** Depthwise convolution with zeros outside: y[t] = Σ_j w[j]·x[t·1 + j − left] + b; x {@code [t, c]}, w {@code [taps, c]}. */
  public Tensor depthwise(Tensor x, Tensor weight, Optional<Tensor> bias, int left, int count) {
    Tensor y = empty(count, x.cols());
    Arguments a = DepthwiseConv.SPEC.arguments().set("x", x.view()).set("w", weight.view()).set("y", y.view()).set("left", left);
    bias.ifPresent(b -> a.set("bias", b.view()));
    run(a);
    return y;
  }

  /** x with {@code left} and {@code right} more rows: zeros, a reflection without the edge row, or the edge row repeated. */
  public Tensor pad(Tensor x, int left, int right, PadMode mode) {
    Tensor y = empty(left + x.rows() + right, x.cols());
    run(PadRows.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("left", left).set("mode", mode.id()));
    return y;
  }

  // ---- normalisation

  /** (x − mean)/sqrt(var + eps)·w + b per row. */
  public Tensor layerNorm(Tensor x, Norm norm) {
    Tensor y = empty(x.rows(), x.cols());
    layerNormInto(x, norm, y);
    return y;
  }

  /** The same into y. */
  public void layerNormInto(Tensor x, Norm norm, Tensor y) {
    run(normed(LayerNorm.SPEC, x, norm, y));
  }

  /** x/sqrt(mean(x²) + eps)·w + b per row. */
  public Tensor rmsNorm(Tensor x, Norm norm) {
    Tensor y = empty(x.rows(), x.cols());
    rmsNormInto(x, norm, y);
    return y;
  }

  /** The same into y. */
  public void rmsNormInto(Tensor x, Norm norm, Tensor y) {
    run(normed(RmsNorm.SPEC, x, norm, y));
  }

  /** x/max(‖x‖₂, eps)·scale·w per row. */
  public Tensor l2Norm(Tensor x, Optional<Tensor> weight, float scale, float eps) {
    Tensor y = empty(x.rows(), x.cols());
    Arguments a = L2Norm.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("scale", scale).set("eps", eps);
    weight.ifPresent(w -> a.set("weight", w.view()));
    run(a);
    return y;
  }

  /** Group normalisation with one group: statistics over all rows and columns; then gain, shift, activation. */
  public Tensor groupNorm(Tensor x, Norm norm, Activation activation) {
    Tensor y = empty(x.rows(), x.cols());
    run(normed(GroupNorm.SPEC, x, norm, y).set("activation", activation.id()));
    return y;
  }

  private static Arguments normed(KernelSpec spec, Tensor x, Norm norm, Tensor y) {
    Arguments a = spec.arguments().set("x", x.view()).set("y", y.view()).set("eps", norm.eps());
    norm.weight().ifPresent(w -> a.set("weight", w.view()));
    norm.bias().ifPresent(b -> a.set("bias", b.view()));
    return a;
  }

  // ---- element-wise

  /** act(x·scale + shift) with per-column scale and shift (a folded batch normalisation). */
  public Tensor pointwise(Tensor x, Optional<Tensor> scale, Optional<Tensor> shift, Activation activation) {
    Tensor y = empty(x.rows(), x.cols());
    pointwiseInto(x, scale, shift, activation, y);
    return y;
  }

  /** The same into y, which may be x. */
  public void pointwiseInto(Tensor x, Optional<Tensor> scale, Optional<Tensor> shift, Activation activation, Tensor y) {
    Arguments a = Pointwise.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("activation", activation.id());
    scale.ifPresent(s -> a.set("scale", s.view()));
    shift.ifPresent(s -> a.set("shift", s.view()));
    run(a);
  }

  /** A copy with contiguous rows. */
  @Override
  public Tensor copy(Tensor x) {
    Tensor y = empty(x.dtype(), x.view().shape());
    copyInto(x, y);
    return y;
  }

  /** Copies a matrix (or anything contiguous of the same extents). */
  public void copyInto(Tensor x, Tensor y) {
    Tensor from = x.rank() == 2 ? x : x.reshape(1, Math.toIntExact(x.elements()));
    Tensor to = y.rank() == 2 ? y : y.reshape(1, Math.toIntExact(y.elements()));
    pointwiseInto(from, Optional.empty(), Optional.empty(), Activation.NONE, to);
  }

  /** A temporary of zeros. */
  public Tensor zeros(int... shape) {
    return zeros(DType.F32, shape);
  }

  /** The same of a type. */
  public Tensor zeros(DType dtype, int... shape) {
    Tensor made = empty(dtype, shape);
    fill(made.span(), 0f);
    return made;
  }

  /** Sets a one-dimensional (or contiguous) tensor to a value. */
  public void fill(Tensor x, float value) {
    Tensor flat = x.reshape(1, Math.toIntExact(x.elements()));
    run(Elementwise.SPEC.arguments().set("x", flat.view()).set("y", flat.view()).set("a", 0f).set("b", 0f).set("c", value));
  }

  /** a·x + b·z, element by element. */
  public Tensor combine(float a, Tensor x, float b, Tensor z) {
    Tensor y = empty(x.rows(), x.cols());
    combineInto(a, x, b, z, y);
    return y;
  }

  /** y = a·x + b·z; y may be x or z. A factor of 0 drops its term even where it is not finite. */
  public void combineInto(float a, Tensor x, float b, Tensor z, Tensor y) {
    run(Elementwise.SPEC.arguments().set("x", x.view()).set("z", z.view()).set("y", y.view()).set("a", a).set("b", b).set("c", 0f));
  }

  /** x + z. */
  public Tensor add(Tensor x, Tensor z) {
    return combine(1f, x, 1f, z);
  }

  /** A gated unit over the halves of {@code x [t, 2d]}: {@code [t, d]}. See {@link Gate}. */
  public Tensor gate(Tensor x, Gate gate) {
    Tensor y = empty(x.rows(), x.cols() / 2);
    gateInto(x, gate, Optional.empty(), y);
    return y;
  }

  /** The same of x + shift, where shift is one row {@code [2d]}. */
  public void gateInto(Tensor x, Gate gate, Optional<Tensor> shift, Tensor y) {
    Arguments a = GatedUnit.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("gate", gate.id());
    shift.ifPresent(s -> a.set("shift", s.view()));
    run(a);
  }

  /**
   * The gated unit over a product's halves, in one pass where that is faster.
   *
   * @param shift one row {@code [n]} that is added to the product
   * @param between memory for the product {@code [rows of all batches, n]}, contiguous, in y's type
   * @param y {@code [rows of all batches, n/2]}
   */
  public void gated(Rows x, Linear layer, Gate gate, Optional<Tensor> shift, Tensor between, Tensor y) {
    if (!fused(x, layer, gate, shift, y)) {
      gemm(x, layer, Activation.NONE, 1f, Optional.empty(), new Rows(between, x.batch(), x.rows(), layer.n(), x.rows() * layer.n(), 1, 0));
      gateInto(between, gate, shift, y);
    }
  }

  private boolean fused(Rows x, Linear layer, Gate gate, Optional<Tensor> shift, Tensor y) {
    if (y.dtype() != DType.F16 || layer.weight().dtype() != DType.F16) {
      return false; // elsewhere the sums decide, or weights are packed
    }
    int row = Math.toIntExact(y.view().rowStride());
    Rows units = new Rows(y, x.batch(), x.rows(), row, Math.multiplyExact(x.rows(), row), 1, 0);
    Arguments a =
        GatedGemm.SPEC.arguments()
            .set("x", x.reach(layer.k() / x.taps()).view()).set("w", layer.weight().view()).set("y", units.reach(layer.n() / 2).view())
            .set("batch", x.batch()).set("rows", x.rows()).set("taps", x.taps())
            .set("x_row", x.rowStride()).set("x_tap", x.tapStride()).set("x_batch", x.batchStride())
            .set("y_row", row).set("y_batch", units.batchStride()).set("gate", gate.id());
    layer.bias().ifPresent(b -> a.set("bias", b.view()));
    shift.ifPresent(s -> a.set("shift", s.view()));
    return ifFused(a);
  }

  /**
   * BigVGAN's anti-aliased activation: up by 2, v + sin²(v·frequency)·reciprocal, down by 2; x {@code [t, c]} into y {@code [t, c]}.
   *
   * @param frequency e^alpha {@code [c]}
   * @param reciprocal 1/(e^beta + 1e-9) {@code [c]}
   * @param up the 12 taps of the upsampling filter; {@code down} of the other
   */
  public void snakeInto(Tensor x, Tensor frequency, Tensor reciprocal, Tensor up, Tensor down, Tensor y) {
    run(
        Snake.SPEC.arguments().set("x", x.view()).set("frequency", frequency.view()).set("reciprocal", reciprocal.view())
            .set("up", up.view()).set("down", down.view()).set("y", y.view()));
  }

  // ---- rows

  /** table[ids[r]] (+ add[r]); table {@code [entries, d]} of any storage type, ids {@code [rows]} int32. */
  public Tensor gather(Tensor table, Tensor ids, Optional<Tensor> add) {
    Tensor y = empty(ids.rows(), table.cols());
    gatherInto(table, ids, add, y);
    return y;
  }

  /** The same into y. */
  public void gatherInto(Tensor table, Tensor ids, Optional<Tensor> add, Tensor y) {
    Arguments a = GatherRows.SPEC.arguments().set("table", table.view()).set("ids", ids.view()).set("y", y.view());
    add.ifPresent(t -> a.set("add", t.view()));
    run(a);
  }

  /** target[slots[r]] = x[r]; slots must be distinct. */
  public void scatter(Tensor x, Tensor slots, Tensor target) {
    run(ScatterRows.SPEC.arguments().set("x", x.view()).set("slots", slots.view()).set("target", target.view()));
  }

  /**
   * Rows over other rows of the same matrix; float32 or words.
   *
   * @param pairs {@code [n, 2]} int32: the row that is copied, the row that it replaces; a replaced row is in one pair only
   * @param once n ones, int32
   */
  public void copyRows(Tensor x, Tensor pairs, Tensor once) {
    run(CopyBlocks.SPEC.arguments().set("pairs", pairs.view()).set("fills", once.view()).set("pool", x.view()).set("blocks", x.rows()).set("block_size", 1));
  }

  /** Index of the largest element of each row, the first on a tie; NaN counts as smallest. */
  public Tensor argmax(Tensor x) {
    Tensor y = emptyInts(x.rows());
    run(ArgmaxRows.SPEC.arguments().set("x", x.view()).set("y", y.view()));
    return y;
  }

  /** Mean and unbiased standard deviation of each column: {@code [2, d]}. */
  public Tensor statistics(Tensor x) {
    Tensor y = empty(2, x.cols());
    run(RowStatistics.SPEC.arguments().set("x", x.view()).set("y", y.view()));
    return y;
  }

  /** Means over runs of {@code segment} rows, the last over its true length: {@code [ceil(rows/segment), d]}. */
  public Tensor segmentMean(Tensor x, int segment) {
    Tensor y = empty((x.rows() + segment - 1) / segment, x.cols());
    run(SegmentMean.SPEC.arguments().set("x", x.view()).set("y", y.view()).set("segment", segment));
    return y;
  }

  /** y[r] = x[r]·m[r / segment]; m {@code [ceil(rows/segment), d]}. */
  public void segmentScaleInto(Tensor x, Tensor m, int segment, Tensor y) {
    run(SegmentScale.SPEC.arguments().set("x", x.view()).set("m", m.view()).set("y", y.view()).set("segment", segment));
  }

  // ---- attention

  /**
   * Rotary embedding in place on {@code x [rows, heads·d]}: pairs are rotated by the angle of positions[r]; cos and sin
   * {@code [positions, d/2]}.
   *
   * @param interleaved whether pairs are (2i, 2i+1) or (i, i + d/2)
   */
  public void rotary(Tensor x, Tensor positions, Tensor cos, Tensor sin, int heads, boolean interleaved) {
    run(
        Rotary.SPEC.arguments().set("x", x.view()).set("positions", positions.view()).set("cos", cos.view()).set("sin", sin.view())
            .set("heads", heads).set("interleaved", interleaved ? 1 : 0));
  }

  /**
   * y = x·Wᵀ, whose first columns are heads that turn ({@link #rotary}, interleaved), in one pass where that is faster.
   *
   * @param layer without bias
   * @param heads of twice the tables' columns
   */
  public void rotaryLinear(Tensor x, Linear layer, Tensor positions, Tensor cos, Tensor sin, int heads, Tensor y) {
    require(layer.bias().isEmpty(), "a turned product of a layer with a bias");
    if (y.dtype() == DType.F16 && layer.weight().dtype() == DType.F16 && layer.scale().isEmpty()) {
      Arguments a =
          RotaryGemm.SPEC.arguments().set("x", x.view()).set("w", layer.weight().view()).set("positions", positions.view()).set("cos", cos.view())
              .set("sin", sin.view()).set("y", y.view()).set("heads", heads);
      if (backend().fuses(a.checked())) {
        backend().run(a);
        return;
      }
    }
    linearInto(x, layer, Activation.NONE, y);
    rotary(y.cols(0, 2 * cos.cols() * heads), positions, cos, sin, heads, true);
  }

  /**
   * softmax(scale·(q·kᵀ [+ relative term]))·v: q {@code [tq, heads·dq]}, k {@code [tk, kvHeads·dq]}, v {@code [tk, kvHeads·dv]} to
   * {@code [tq, heads·dv]}.
   */
  public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionShape shape) {
    Tensor y = empty(q.rows(), v.cols() / shape.kvHeads() * shape.heads());
    attentionInto(q, k, v, shape, y);
    return y;
  }

  /** The same into y. */
  public void attentionInto(Tensor q, Tensor k, Tensor v, AttentionShape shape, Tensor y) {
    Arguments a =
        Attention.SPEC.arguments().set("q", q.view()).set("k", k.view()).set("v", v.view()).set("y", y.view())
            .set("heads", shape.heads()).set("kv_heads", shape.kvHeads()).set("scale", shape.scale())
            .set("causal", shape.causal() ? 1 : 0).set("past", shape.past())
            .set("first_key", shape.firstKey()).set("last_key", shape.lastKey() < 0 ? k.rows() / shape.batch() : shape.lastKey())
            .set("left", shape.left()).set("batch", shape.batch());
    shape.relative().ifPresent(r -> a.set("relative", r.view()));
    run(a);
  }

  /**
   * One query row per sequence against its cached keys and values: q {@code [batch, heads·d]}, caches {@code [slots, kvHeads·d]}, the slot
   * of position p of sequence b is {@code table[b][p / blockSize]·blockSize + p % blockSize}, lengths {@code [batch]} counts the keys. All
   * int32 inputs are read on the device, so the call can be replayed.
   */
  public Tensor decodeAttention(
      Tensor q, Tensor keys, Tensor values, Tensor table, Tensor lengths, int blockSize, int heads, int kvHeads, float scale) {
    Tensor y = empty(q.rows(), q.cols());
    run(
        DecodeAttention.SPEC.arguments().set("q", q.view()).set("keys", keys.view()).set("values", values.view())
            .set("table", table.view()).set("lengths", lengths.view()).set("y", y.view())
            .set("block_size", blockSize).set("heads", heads).set("kv_heads", kvHeads).set("scale", scale));
    return y;
  }

  /** Checks and runs a call built by hand. */
  public void run(Arguments call) {
    backend().run(call.checked());
  }

  /** @param what a constant: most calls are right, and build no text */
  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new ShapeException(what);
    }
  }
}
