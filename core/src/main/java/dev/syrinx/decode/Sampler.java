package dev.syrinx.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.kernels.sample.AddToRows;
import dev.syrinx.kernels.sample.GumbelTopK;
import dev.syrinx.kernels.sample.LogSoftmax;
import dev.syrinx.kernels.sample.RepetitionPenalty;
import dev.syrinx.kernels.sample.Softmax;
import dev.syrinx.kernels.sample.Temperature;
import dev.syrinx.kernels.sample.TopK;
import dev.syrinx.kernels.sample.TopP;
import dev.syrinx.kernels.sample.Typical;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * From logits to draws, as one recording: [log-softmax if beams] → repetition penalty → typical → temperature → top-k → top-p → [+ beam
 * score] → draws. The penalty sees log-probabilities with beams and raw logits without; beam scores add up what all processors left, not
 * log-probabilities.
 */
final class Sampler implements AutoCloseable {
  /** An id that the reference's prompt is filled with, so that it is penalised from the first step, as is the start id. */
  static final int FILLER = 1;

  private static final int LENGTHS = 0;
  private static final int HISTORY = 1;
  private static final int BEAM_SCORES = 2;
  private static final int STEP = 3;

  private final Ops ops;
  private final SamplingOptions options;
  private final NoiseSource source;
  private final int capacity;
  private final ControlBlock control;
  private final Tensor logits;
  private final Tensor scores;
  private final Tensor noise;
  private final Tensor drawn;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host;
  private final Replay replay;

  /** Allocates in the open scope, which must outlive this, and records. */
  Sampler(Ops ops, SamplingOptions options, NoiseSource source, int vocabulary) {
    this.ops = ops;
    this.options = options;
    this.source = source;
    int beams = options.beams();
    capacity = options.maxTokens() + 2;
    control = new ControlBlock(ops, beams, Math.multiplyExact(beams, capacity), beams, 1);
    logits = ops.empty(beams, vocabulary);
    scores = ops.empty(beams, vocabulary);
    noise = ops.empty(beams * vocabulary);
    drawn = ops.emptyInts(2 * options.draws());
    host = arena.allocate(8L * options.draws(), 64);
    replay = ops.backend().capture(this::record);
  }

  /** Where the decoder puts its logits: {@code [beams, vocabulary]}. */
  Tensor logits() {
    return logits;
  }

  /** Processed scores of the last step {@code [beams, vocabulary]}, beam scores not added. */
  Tensor scores() {
    return scores;
  }

  /** What a beam has said: {@code count} ids, filler and start id first. */
  void history(int beam, int[] ids, int count) {
    control.set(LENGTHS, beam, count);
    control.copy(HISTORY, beam * capacity, ids, 0, count);
  }

  void beamScore(int beam, float score) {
    control.set(BEAM_SCORES, beam, score);
  }

  /** Draws for the logits; {@code indices} are beam·vocabulary + id, both arrays are filled in the order of the draws. */
  void draw(int step, int[] indices, float[] picked) {
    control.set(STEP, 0, step);
    control.push();
    if (!options.greedy()) {
      source.prepare(ops, step, noise);
    }
    replay.run();
    ops.backend().download(drawn.view().segment(), host);
    for (int i = 0; i < indices.length; i++) {
      indices[i] = host.getAtIndex(JAVA_INT, i);
      picked[i] = host.getAtIndex(JAVA_FLOAT, indices.length + i);
    }
  }

  private void record() {
    Tensor input = logits;
    if (options.beams() > 1) {
      input = ops.empty(logits.rows(), logits.cols());
      ops.run(LogSoftmax.SPEC.arguments().set("x", logits.view()).set("y", input.view()));
    }
    penalise(input);
    filter();
    draw(options.beams() > 1 ? withBeamScores() : scores);
  }

  private void penalise(Tensor input) {
    if (options.repetitionPenalty() == 1) {
      ops.copyInto(input, scores);
      return;
    }
    ops.run(RepetitionPenalty.SPEC
        .arguments().set("x", input.view()).set("y", scores.view()).set("history", control.ints(HISTORY, options.beams(), capacity).view())
        .set("lengths", control.ints(LENGTHS, options.beams()).view()).set("penalty", (float) options.repetitionPenalty()));
  }

  private void filter() {
    options.typicalMass().ifPresent(
        mass -> ops.run(Typical.SPEC.arguments().set("x", scores.view()).set("mass", (float) mass).set("keep", options.keep())));
    if (options.greedy()) {
      return;
    }
    if (options.temperature() != 1) {
      ops.run(Temperature.SPEC.arguments().set("x", scores.view()).set("temperature", (float) options.temperature()));
    }
    if (options.topK() > 0) {
      ops.run(TopK.SPEC.arguments().set("x", scores.view()).set("k", Math.max(options.topK(), options.keep())));
    }
    if (options.topP() < 1) {
      ops.run(TopP.SPEC.arguments().set("x", scores.view()).set("drop", (float) (1 - options.topP())).set("keep", options.keep()));
    }
  }

  private Tensor withBeamScores() {
    Tensor total = ops.empty(scores.rows(), scores.cols());
    ops.run(AddToRows.SPEC
        .arguments().set("x", scores.view()).set("add", control.floats(BEAM_SCORES, options.beams()).view()).set("y", total.view()));
    return total;
  }

  private void draw(Tensor totals) {
    int n = Math.toIntExact(totals.elements());
    int k = options.draws();
    View picked = View.of(drawn.rows(k, 2 * k).view().segment(), DType.F32, k);
    Arguments call = GumbelTopK.SPEC
        .arguments().set("scores", totals.reshape(n).view()).set("index", drawn.rows(0, k).view()).set("picked", picked);
    if (!options.greedy()) {
      Tensor p = ops.empty(1, n);
      ops.run(Softmax.SPEC.arguments().set("x", totals.reshape(1, n).view()).set("y", p.view()));
      source.record(ops, p.reshape(n), control.ints(STEP, 1), noise);
      call.set("p", p.reshape(n).view()).set("noise", noise.view());
    }
    ops.run(call);
  }

  @Override
  public void close() {
    replay.close();
    control.close();
    arena.close();
  }
}
