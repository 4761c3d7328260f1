package dev.syrinx.synth;

import java.util.List;

/**
 * Speech.
 *
 * @param scaled mono samples in the scale of 16-bit PCM, ±32767, before rounding
 * @param sampleRate samples per second
 * @param segments what was spoken, in order
 * @param times wall time by stage
 * @param unknownTokens text pieces that the tokenizer does not know, as written
 */
public record SpeechResult(float[] scaled, int sampleRate, List<Segment> segments, StageTimes times, List<String> unknownTokens) {
  /**
   * One piece of the text.
   *
   * @param textTokens tokens of its text
   * @param codes semantic codes without the stop token
   * @param stopped whether the model ended it; otherwise the limit of codes did
   */
  public record Segment(int textTokens, int[] codes, boolean stopped) {}

  /** Length in seconds. */
  public double seconds() {
    return (double) scaled.length / sampleRate;
  }

  /** Semantic codes of all segments. */
  public int codes() {
    return segments.stream().mapToInt(s -> s.codes().length).sum();
  }

  /** Wall time over audio time: below 1 is faster than real time. */
  public double realTimeFactor() {
    return times.total() / seconds();
  }
}
