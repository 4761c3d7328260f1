package dev.syrinx.decode;

/**
 * How the decoder runs. The choice changes nothing in the codes.
 *
 * @param kv how keys and values are kept
 * @param sequences most requests that decode together, 1 to 64
 * @param ahead steps that are started before the host looks whether one has ended, 1 to 8
 * @param states whether the states of every step are kept, from which latents can be made without a second pass; of requests with one beam
 */
public record DecodeOptions(KvOptions kv, int sequences, int ahead, boolean states) {
  /** Most requests that decode together. */
  public static final int MOST_SEQUENCES = 64;

  /** Most steps ahead: fewer than the positions of the smallest block. */
  public static final int MOST_AHEAD = 8;

  private static final DecodeOptions DEFAULTS = new DecodeOptions(KvOptions.defaults(), 1, 4, false);

  /** @throws IllegalArgumentException naming the option, its limits and what was given */
  public DecodeOptions {
    if (sequences < 1 || sequences > MOST_SEQUENCES) {
      throw new IllegalArgumentException("sequences must be 1 to " + MOST_SEQUENCES + ", got " + sequences);
    }
    if (ahead < 1 || ahead > MOST_AHEAD) {
      throw new IllegalArgumentException("steps ahead must be 1 to " + MOST_AHEAD + ", got " + ahead);
    }
  }

  /** Without states. */
  public DecodeOptions(KvOptions kv, int sequences, int ahead) {
    this(kv, sequences, ahead, false);
  }

  /** One request at a time, paged. */
  public static DecodeOptions defaults() {
    return DEFAULTS;
  }

  public DecodeOptions withKv(KvOptions value) {
    return new DecodeOptions(value, sequences, ahead, states);
  }

  public DecodeOptions withSequences(int value) {
    return new DecodeOptions(kv, value, ahead, states);
  }

  public DecodeOptions withAhead(int value) {
    return new DecodeOptions(kv, sequences, value, states);
  }

  /** The same with the states of every step kept. */
  public DecodeOptions withStates(boolean value) {
    return new DecodeOptions(kv, sequences, ahead, value);
  }
}
