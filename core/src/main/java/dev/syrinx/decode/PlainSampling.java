package dev.syrinx.decode;

import java.util.Arrays;

/** One sequence: what is drawn is said, until the stop id. */
final class PlainSampling implements Chooser {
  private final int stop;
  private final int[] codes;
  private final int[] parents = {0};
  private final int[] tokens = {0};
  private final float[] scores = {0};
  private int length;
  private boolean stopped;

  PlainSampling(SamplingOptions options, int stop) {
    this.stop = stop;
    codes = new int[options.maxTokens()];
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int[] codes(int beam) {
    return codes;
  }

  @Override
  public boolean advance(int[] drawn, float[] picked) {
    if (!(picked[0] > Float.NEGATIVE_INFINITY)) {
      throw new DecodeException("step " + length + ": the scores are not numbers; are the weights damaged, or stored too narrowly?");
    }
    tokens[0] = drawn[0];
    stopped = drawn[0] == stop;
    if (!stopped) {
      codes[length++] = drawn[0];
    }
    return !stopped;
  }

  @Override
  public int[] parents() {
    return parents;
  }

  @Override
  public int[] tokens() {
    return tokens;
  }

  @Override
  public float[] scores() {
    return scores;
  }

  @Override
  public Hypothesis finish() {
    return new Hypothesis(Arrays.copyOf(codes, length), 0, stopped);
  }
}
