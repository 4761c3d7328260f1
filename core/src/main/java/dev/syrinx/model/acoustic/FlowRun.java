package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The flow of one utterance, in temporaries of the open scope. Evaluations with the same number of branches replay one recording, unless all is to be inspected. */
final class FlowRun implements AutoCloseable {
  private final Ops ops;
  private final DiffusionTransformer estimator;
  private final FlowInput input;
  private final boolean inspect;
  private final Tensor x;
  private final Tensor now;
  /** Velocities of a step and, where they are looked back at, of the one before it. */
  private final Tensor[] velocities;
  private final Map<Integer, Evaluation> evaluations = new TreeMap<>();

  /** @param steps those that will be gone */
  FlowRun(Ops ops, DiffusionTransformer estimator, FlowInput input, FlowOptions options, List<FlowStep> steps) {
    this.ops = ops;
    this.estimator = estimator;
    this.input = input;
    inspect = options.inspect();
    x = ops.empty(input.frames(), estimator.mels());
    now = ops.empty(estimator.modulation().rowWidth());
    velocities = new Tensor[options.solver().looksBack() ? 2 : 1];
    for (int i = 0; i < velocities.length; i++) {
      velocities[i] = ops.empty(input.frames(), estimator.mels());
    }
    try {
      steps.stream().map(FlowStep::branches).distinct().forEach(branches -> evaluations.put(branches, new Evaluation(branches)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The state {@code [frames, mels]}. */
  Tensor x() {
    return x;
  }

  /**
   * Goes a step.
   *
   * @param index from 0
   * @param row of {@link Modulation}'s table for the step's time
   */
  void advance(int index, FlowStep step, Tensor row) {
    ops.copyInto(row, now);
    Evaluation evaluation = evaluations.get(step.branches());
    evaluation.run();
    if (index == 0) {
      evaluation.tap();
    }
    Tensor velocity = evaluation.velocity(step, velocities[index % velocities.length]);
    ops.combineInto(1f, x, step.current(), velocity, x);
    if (step.previous() != 0f) {
      ops.combineInto(1f, x, step.previous(), velocities[(index + 1) % velocities.length], x);
    }
    ops.tap("cfm.x_after_" + (index + 1), x);
  }

  @Override
  public void close() {
    evaluations.values().forEach(evaluation -> evaluation.replay.ifPresent(Replay::close));
  }

  /** The estimator with one or two branches. */
  private final class Evaluation {
    private final Frames frames;
    private final EstimatorPass pass;
    private final Optional<Replay> replay;

    Evaluation(int branches) {
      frames = Frames.of(branches, input, estimator.tail().waveNet().reach(), inspect);
      pass = new EstimatorPass(ops, estimator, input, frames, x, now);
      replay = inspect ? Optional.empty() : Optional.of(ops.backend().capture(pass::step));
    }

    void run() {
      replay.ifPresentOrElse(Replay::run, pass::step);
    }

    void tap() {
      ops.tap("cfm.step0_cond", pass.velocity(0));
      if (frames.branches() == 2) {
        ops.tap("cfm.step0_null", pass.velocity(1));
      }
    }

    /** The velocity of the target frames, which stays in {@code kept} if it is to be looked back at. */
    Tensor velocity(FlowStep step, Tensor kept) {
      int from = frames.kept() - frames.target();
      Tensor conditional = pass.velocity(0).rows(from, frames.kept());
      if (frames.branches() == 2) {
        ops.combineInto(1f + step.guidance(), conditional, -step.guidance(), pass.velocity(1).rows(from, frames.kept()), kept);
        return kept;
      }
      if (velocities.length == 1) {
        return conditional;
      }
      ops.copyInto(conditional, kept);
      return kept;
    }
  }
}
