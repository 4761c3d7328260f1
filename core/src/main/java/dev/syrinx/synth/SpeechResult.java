package dev.syrinx.synth;

import java.util.List;

/** Speech. */
public final class SpeechResult {
  private final float[] scaled;
  private final int sampleRate;
  private final List<Segment> segments;
  private final StageTimes times;
  private final List<String> unknownTokens;

  SpeechResult(float[] scaled, int sampleRate, List<Segment> segments, StageTimes times, List<String> unknownTokens) {
    this.scaled = scaled;
    this.sampleRate = sampleRate;
    this.segments = List.copyOf(segments);
    this.times = times;
    this.unknownTokens = List.copyOf(unknownTokens);
  }

  /** Mono samples in the scale of 16-bit PCM, ±32767, before rounding. Not copied. */
  public float[] scaled() {
    return scaled;
  }

  /** Samples per second. */
  public int sampleRate() {
    return sampleRate;
  }

  /** What was spoken, in order. */
  public List<Segment> segments() {
    return segments;
  }

  /** Wall time by stage. */
  public StageTimes times() {
    return times;
  }

  /** Text pieces that the tokenizer does not know, as written. */
  public List<String> unknownTokens() {
    return unknownTokens;
  }

  /** Length in seconds. */
  public double seconds() {
    return (double) scaled.length / sampleRate;
  }

  /** Semantic codes of all segments. */
  public int codes() {
    return segments.stream().mapToInt(segment -> segment.codes().length).sum();
  }

  /** Wall time over audio time: below 1 is faster than real time. */
  public double realTimeFactor() {
    return times.total() / seconds();
  }

  /** One piece of the text. */
  public static final class Segment {
    private final int textTokens;
    private final int[] codes;
    private final boolean stopped;

    Segment(int textTokens, int[] codes, boolean stopped) {
      this.textTokens = textTokens;
      this.codes = codes;
      this.stopped = stopped;
    }

    /** Tokens of its text. */
    public int textTokens() {
      return textTokens;
    }

    /** Semantic codes without the stop token. Not copied. */
    public int[] codes() {
      return codes;
    }

    /** Whether the model ended it; otherwise the limit of codes did. */
    public boolean stopped() {
      return stopped;
    }
  }
}
