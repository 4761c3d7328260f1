package dev.syrinx.synth;

import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.acoustic.FlowSchedule;
import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.model.acoustic.Guidance;
import dev.syrinx.text.SegmentSplitter;
import java.util.Objects;

/**
 * What to say and how.
 *
 * @param text any length; split into segments
 * @param voice a prepared voice
 * @param emotion where the emotion comes from
 * @param seed the same seed and request give the same bytes
 * @param sampling how codes are drawn
 * @param schedule time points of the flow; 25 uniform steps are the official ones
 * @param solver how velocities of the flow become steps; Euler's method is the official one
 * @param guidance classifier-free guidance of the flow; where its weight is 0, one branch runs
 * @param segmentTokens most text tokens of a segment
 * @param silenceMillis silence between segments, 0 for none
 */
public record SpeechRequest(
    String text,
    Voice voice,
    Emotion emotion,
    long seed,
    SamplingOptions sampling,
    FlowSchedule schedule,
    FlowSolver solver,
    Guidance guidance,
    int segmentTokens,
    int silenceMillis) {
  /** Checks ranges. */
  public SpeechRequest {
    Objects.requireNonNull(text, "text");
    Objects.requireNonNull(voice, "voice");
    Objects.requireNonNull(emotion, "emotion");
    if (guidance.weight() > 10) {
      throw new IllegalArgumentException("cfg must be 0 to 10, got " + guidance.weight());
    }
    if (segmentTokens < 2) {
      throw new IllegalArgumentException("segment-tokens must be at least 2, got " + segmentTokens);
    }
    if (silenceMillis < 0 || silenceMillis > 60_000) {
      throw new IllegalArgumentException("silence-ms must be 0 to 60000, got " + silenceMillis);
    }
  }

  /** A request with the official defaults. */
  public static Builder of(String text, Voice voice) {
    return new Builder(text, voice);
  }

  /** Changes one thing at a time. */
  public static final class Builder {
    private final String text;
    private final Voice voice;
    private Emotion emotion = new Emotion.OfVoice();
    private long seed;
    private SamplingOptions sampling = SamplingOptions.defaults();
    private FlowSchedule schedule = FlowSchedule.uniform(25);
    private FlowSolver solver = FlowSolver.EULER;
    private Guidance guidance = Guidance.always(0.7f);
    private int segmentTokens = SegmentSplitter.DEFAULT_LIMIT;
    private int silenceMillis = 200;

    private Builder(String text, Voice voice) {
      this.text = text;
      this.voice = voice;
    }

    public Builder emotion(Emotion value) {
      emotion = value;
      return this;
    }

    public Builder seed(long value) {
      seed = value;
      return this;
    }

    public Builder sampling(SamplingOptions value) {
      sampling = value;
      return this;
    }

    /** Uniform steps of the flow. */
    public Builder steps(int value) {
      schedule = FlowSchedule.uniform(value);
      return this;
    }

    public Builder schedule(FlowSchedule value) {
      schedule = value;
      return this;
    }

    /** Steps, spacing, method and guidance of the flow as the switches say. */
    public Builder flow(Switches switches) {
      schedule = switches.flowSchedule();
      solver = switches.solver();
      guidance = switches.guidance();
      return this;
    }

    /** Guidance of this weight at all times. */
    public Builder guidance(float value) {
      guidance = Guidance.always(value);
      return this;
    }

    public Builder segmentTokens(int value) {
      segmentTokens = value;
      return this;
    }

    public Builder silenceMillis(int value) {
      silenceMillis = value;
      return this;
    }

    public SpeechRequest build() {
      return new SpeechRequest(text, voice, emotion, seed, sampling, schedule, solver, guidance, segmentTokens, silenceMillis);
    }
  }
}
