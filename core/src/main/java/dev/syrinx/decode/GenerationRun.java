package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.gpt.GptConfig;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.tensor.Tensor;

/** One generation under way. */
final class GenerationRun implements AutoCloseable, GenerationListener.Step {
  private final GptSession session;
  private final SamplingOptions options;
  private final GenerationListener listener;
  private final GptConfig config;
  private final Sampler sampler;
  private final BlockTable table;
  private final Chooser chooser;
  private final int[] history;
  private final int[] draws;
  private final float[] picked;
  private DecodeStep step;
  private int recordings;
  private int index;
  private long stepNanos;
  private long decodeNanos;
  private long sampleNanos;

  GenerationRun(GptSession session, SamplingOptions options, NoiseSource noise, GenerationListener listener) {
    this.session = session;
    this.options = options;
    this.listener = listener;
    config = session.gpt().config();
    int beams = options.beams();
    sampler = new Sampler(session.ops(), options, noise, session.gpt().vocabulary());
    int positions = session.prompt() + Math.min(options.maxTokens(), 256);
    table = new BlockTable(session.pool(), beams, session.chain(), session.prompt(), session.pool().blocksOf(positions));
    chooser =
        beams > 1 ? new BeamSearch(options, session.gpt().vocabulary(), config.stopCode()) : new PlainSampling(options, config.stopCode());
    history = new int[options.maxTokens() + 2];
    history[0] = Sampler.FILLER;
    history[1] = config.startCode();
    draws = new int[options.draws()];
    picked = new float[options.draws()];
  }

  Generation generate() {
    Ops ops = session.ops();
    for (int beam = 0; beam < options.beams(); beam++) {
      ops.copyInto(session.logits(), sampler.logits().rows(beam, beam + 1));
    }
    boolean open = true;
    boolean wanted = true;
    for (index = 0; open && wanted && index < options.maxTokens(); index++) {
      long start = System.nanoTime();
      if (index > 0) {
        decode();
      }
      long decoded = System.nanoTime();
      open = sample();
      stepNanos = System.nanoTime() - start;
      decodeNanos += decoded - start;
      sampleNanos += stepNanos - (decoded - start);
      wanted = listener.step(this);
    }
    Hypothesis best = chooser.finish();
    StopReason reason = open && !wanted ? StopReason.CANCELLED : best.stopped() ? StopReason.STOP_TOKEN : StopReason.MAX_TOKENS;
    return new Generation(
        best.codes(), reason, best.score(),
        new Generation.Statistics(session.prompt(), index, decodeNanos, sampleNanos, table.used(), recordings));
  }

  private boolean sample() {
    for (int beam = 0; beam < options.beams(); beam++) {
      int said = chooser.length();
      System.arraycopy(chooser.codes(beam), 0, history, 2, said);
      sampler.history(beam, history, said + 2);
      sampler.beamScore(beam, chooser.scores()[beam]);
    }
    sampler.draw(index, draws, picked);
    return chooser.advance(draws, picked);
  }

  /** Feeds code k = index at position k + 1: the reference never uses position 1. */
  private void decode() {
    table.advance(chooser.parents());
    if (step != null && !step.fits(session.pool(), table)) {
      forget();
    }
    if (step == null) {
      step = new DecodeStep(session, options.beams(), table.columns(), sampler.logits());
      recordings++;
    }
    step.run(chooser.tokens(), index + 1, table);
  }

  private void forget() {
    if (step != null) {
      step.close();
      step = null;
    }
  }

  @Override
  public int index() {
    return index;
  }

  @Override
  public int limit() {
    return options.maxTokens();
  }

  @Override
  public long nanos() {
    return stepNanos;
  }

  @Override
  public Tensor logits() {
    return sampler.logits();
  }

  @Override
  public Tensor scores() {
    return sampler.scores();
  }

  @Override
  public int[] draws() {
    return draws.clone();
  }

  @Override
  public int[] tokens() {
    return chooser.tokens().clone();
  }

  @Override
  public int[] parents() {
    return chooser.parents().clone();
  }

  @Override
  public float[] beamScores() {
    return chooser.scores().clone();
  }

  @Override
  public void close() {
    forget();
    table.close();
    sampler.close();
  }
}
