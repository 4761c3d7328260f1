package dev.syrinx.model.acoustic;

import dev.syrinx.backend.AttentionShape;
import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.activation.Gate;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The estimator with the buffers of one utterance: {@link #step} reads the state and the time and writes {@link #velocity}, always in
 * the same memory, so that it can be recorded.
 *
 * <p>The residual stream lives in halves of {@code [rows, 2·width]} matrices: a block's output is kept in the right half of a matrix whose
 * left half later receives what it is concatenated with, so skip connections cost no copies. In a block, the input is read from wherever
 * it lies, the sum after attention stands in {@code work}'s left half.
 */
final class EstimatorPass {
  private final Ops ops;
  private final DiffusionTransformer model;
  private final Frames frames;
  private final TailPass tail;

  private final Tensor x;
  private final Tensor now;
  /** Left: the still part of the input layer. Right: its output, where the prompt's rows never change. */
  private final Tensor entry;
  private final Tensor work;
  private final List<Tensor> kept = new ArrayList<>();
  /** The same as the matrices of skip connections read them, and the factor of each column. */
  private final List<Tensor> skipped = new ArrayList<>();

  private final Tensor parts;
  /** The input of the next product, normed by whatever made it. */
  private final Tensor normed;
  private final Tensor attended;
  private final Tensor joint;
  private final Tensor query;
  private final Tensor gates;
  private final Tensor gated;
  private final Tensor positions;
  private final Tensor tailPositions;
  private final Tensor cos;
  private final Tensor sin;

  /**
   * Takes temporaries of the open scope and computes what stays the same over all steps.
   *
   * @param x the state {@code [target frames, mels]}; it is zero in the prompt, which is not stored
   * @param now the row of {@link Modulation} for the time of the next step
   */
  EstimatorPass(Ops ops, DiffusionTransformer model, FlowInput input, Frames frames, Tensor x, Tensor now) {
    this.ops = ops;
    this.model = model;
    this.frames = frames;
    this.x = x;
    this.now = now;
    int width = model.width();
    int rows = frames.rows();
    entry = ops.empty(rows, 2 * width);
    work = ops.empty(rows, 2 * width);
    DType factors = ops.factors(model.blocks().getFirst().joint());
    for (int i = 0; i < model.blocks().size() && DiffusionTransformer.givesSkip(i, model.blocks().size()); i++) {
      kept.add(ops.empty(rows, 2 * width));
      skipped.add(ops.empty(factors, rows, 2 * width));
    }
    float[] part = new float[width];
    Arrays.fill(part, 1 / DitBlock.HEADROOM);
    parts = ops.upload(part, part.length);
    normed = ops.empty(factors, rows, width);
    attended = ops.empty(factors, rows, width);
    joint = ops.empty(factors, rows, 3 * width);
    query = ops.empty(factors, frames.tailRows(), width);
    gates = ops.empty(factors, rows, 2 * model.hidden());
    gated = ops.empty(factors, rows, model.hidden());
    positions = positions(0);
    tailPositions = positions(frames.tailStart());
    RotaryTable rotary = RotaryTable.of(frames.total(), model.headWidth());
    cos = rotary.cos(ops, frames.total());
    sin = rotary.sin(ops, frames.total());
    tail = new TailPass(ops, model, frames);
    prepare(input);
  }

  private Tensor positions(int first) {
    int count = frames.total() - first;
    int[] values = new int[frames.branches() * count];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + i % count;
    }
    return ops.uploadInts(values, values.length);
  }

  private void prepare(FlowInput input) {
    model.merge().conditional(ops, input, left(entry).rows(0, frames.total()));
    if (frames.branches() == 2) {
      model.merge().unconditional(ops, left(entry).rows(frames.total(), frames.rows()));
    }
    for (int b = 0; b < frames.branches(); b++) { // x is zero in the prompt
      int from = b * frames.total();
      ops.copyInto(left(entry).rows(from, from + frames.prompt()), right(entry).rows(from, from + frames.prompt()));
    }
  }

  /** A branch's velocity for the kept frames {@code [kept, mels]}. */
  Tensor velocity(int branch) {
    return tail.velocity(branch);
  }

  /** Evaluates the estimator. */
  void step() {
    merge();
    Tensor u = right(entry);
    ops.rmsNormInto(u, norm(0), normed);
    int depth = model.blocks().size();
    for (int i = 0; i < depth; i++) {
      DitBlock block = model.blocks().get(i);
      if (block.skip().isPresent()) {
        u = right(work);
        sum(skipped.get(DiffusionTransformer.skipSource(i, depth)), block.skip().get(), 1f, Optional.empty(), u, 2 * i, Optional.empty());
      }
      if (i == depth - 1) {
        lastBlock(i, block, u);
      } else {
        Tensor target = target(kept, i, depth).orElse(right(work));
        block(i, block, u, target, target(skipped, i, depth));
        u = target;
      }
    }
    tail.step(right(work), now);
  }

  /** Where the output of a block goes if a skip connection's matrix reads it. */
  private Optional<Tensor> target(List<Tensor> pairs, int i, int depth) {
    if (DiffusionTransformer.givesSkip(i, depth)) {
      return Optional.of(right(pairs.get(i)));
    }
    return DiffusionTransformer.takesSkip(i + 1, depth) ? Optional.of(left(pairs.get(DiffusionTransformer.skipSource(i + 1, depth)))) : Optional.empty();
  }

  /** The input layer of the target frames, for all branches from the same x. */
  private void merge() {
    Rows moving = tail.take(x);
    Tensor still = left(entry).rows(frames.prompt(), frames.rows());
    Tensor y = right(entry).rows(frames.prompt(), frames.rows());
    ops.gemm(moving, model.merge().moving(), Activation.NONE, 1f, Optional.of(still), branchRows(y, frames.target()));
  }

  private Norm norm(int index) {
    return model.modulation().norm(now, index);
  }

  /**
   * y = residual + alpha·x·Wᵀ + b, and its rows normed.
   *
   * @param norm its number
   * @param part where y goes in parts, too
   */
  private void sum(Tensor x, Linear layer, float alpha, Optional<Tensor> residual, Tensor y, int norm, Optional<Tensor> part) {
    if (!ops.addNormed(x, layer, alpha, residual, y, norm(norm), normed, 1 / DitBlock.HEADROOM, part)) {
      sum(x, layer, alpha, residual, y, true, part);
      ops.rmsNormInto(y, norm(norm), normed);
    }
  }

  /** @param whole whether y itself is read later, and not only its part */
  private void sum(Tensor x, Linear layer, float alpha, Optional<Tensor> residual, Tensor y, boolean whole, Optional<Tensor> part) {
    Optional<Tensor> kept = whole ? Optional.of(y) : Optional.empty();
    boolean added = part.isPresent() && residual.isPresent();
    if (!added || !ops.addKeeping(x, layer, alpha, residual.get(), kept, 1 / DitBlock.HEADROOM, part.get())) {
      ops.gemm(Rows.of(x), layer, Activation.NONE, alpha, residual, Rows.of(y));
      part.ifPresent(p -> ops.pointwiseInto(y, Optional.of(parts), Optional.empty(), Activation.NONE, p));
    }
  }

  /** @param part where the output goes in parts, too */
  private void block(int index, DitBlock block, Tensor u, Tensor target, Optional<Tensor> part) {
    int width = model.width();
    int depth = model.blocks().size();
    ops.rotaryLinear(normed, block.joint(), positions, cos, sin, 2 * model.heads(), joint);
    attend(joint.cols(0, width), joint.cols(width, 3 * width), attended);
    sum(attended, block.output(), 1f, Optional.of(u), left(work), 2 * index + 1, Optional.empty());
    Tensor units = feedForward(block, frames.rows());
    Optional<Tensor> before = Optional.of(left(work));
    if (DiffusionTransformer.takesSkip(index + 1, depth)) { // whose matrix makes the next block's input
      sum(units, block.down(), DitBlock.HEADROOM, before, target, part.isEmpty(), part);
    } else {
      sum(units, block.down(), DitBlock.HEADROOM, before, target, 2 * index + 2, part);
    }
  }

  /**
   * The last block: keys and values of all frames, the rest for the tail only; its output stands in the tail's rows of work's right half.
   */
  private void lastBlock(int index, DitBlock block, Tensor u) {
    int width = model.width();
    int total = frames.total();
    int count = frames.tail();
    int start = frames.tailStart();
    Tensor memory = joint.cols(width, 3 * width);
    ops.rotaryLinear(normed, block.joint(), positions, cos, sin, model.heads(), memory);
    Rows asking = branchRows(normed.rows(start, frames.rows()), count);
    ops.gemm(asking, block.query().orElseThrow(), Activation.NONE, 1f, Optional.empty(), tailRows(query));
    ops.rotary(query, tailPositions, cos, sin, model.heads(), true);
    attend(query, memory, attended.rows(0, frames.tailRows()));
    Tensor sum = left(work).rows(start, frames.rows());
    Optional<Tensor> residual = Optional.of(u.rows(start, frames.rows()));
    ops.gemm(tailRows(attended.rows(0, frames.tailRows())), block.output(), Activation.NONE, 1f, residual, branchRows(sum, count));
    for (int b = 0; b < frames.branches(); b++) {
      Tensor branch = sum.rows(b * total, b * total + count);
      ops.rmsNormInto(branch, norm(2 * index + 1), normed.rows(b * count, (b + 1) * count));
    }
    Tensor units = feedForward(block, frames.tailRows());
    Rows target = branchRows(right(work).rows(start, frames.rows()), count);
    ops.gemm(tailRows(units), block.down(), Activation.NONE, DitBlock.HEADROOM, Optional.of(sum), target);
  }

  /** Attention of all branches; keys and values stand beside each other in {@code memory}. */
  private void attend(Tensor queries, Tensor memory, Tensor y) {
    int width = model.width();
    float scale = (float) (1 / Math.sqrt((double) width / model.heads()));
    AttentionShape shape = AttentionShape.full(model.heads(), scale).sequences(frames.branches());
    ops.attentionInto(queries, memory.cols(0, width), memory.cols(width, 2 * width), shape, y);
  }

  /** The gated units of the first rows of {@link #normed}. */
  private Tensor feedForward(DitBlock block, int rows) {
    Tensor both = gates.rows(0, rows).cols(0, 2 * block.hidden());
    Tensor units = gated.rows(0, rows).cols(0, block.hidden());
    ops.gated(Rows.of(normed.rows(0, rows)), block.gate(), Gate.SWIGLU, Optional.empty(), both, units);
    return units;
  }

  /** As many rows of each branch, of a matrix over all frames that begins with the first of these rows. */
  private Rows branchRows(Tensor from, int count) {
    return frames.rows(from, count, frames.total());
  }

  /** All rows of a matrix over the tail's frames. */
  private Rows tailRows(Tensor from) {
    return frames.rows(from, frames.tail(), frames.tail());
  }

  private Tensor left(Tensor pair) {
    return pair.cols(0, model.width());
  }

  private Tensor right(Tensor pair) {
    return pair.cols(model.width(), 2 * model.width());
  }
}
