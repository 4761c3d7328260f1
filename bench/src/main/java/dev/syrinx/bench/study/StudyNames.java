package dev.syrinx.bench.study;

/** Names of a record's timings, beside the labels of {@link dev.syrinx.synth.Stage}. */
public final class StudyNames {
  /** Wall time of the whole scenario, in seconds. */
  public static final String TOTAL = "total";

  /** From the request to its first code, the longest of the scenario's requests, in seconds. */
  public static final String FIRST_TOKEN = "firstToken";

  /** Time of stage "codes" over codes, in microseconds; of all requests of a batch together. */
  public static final String MICROS_PER_TOKEN = "microsPerToken";

  /** Wall time over seconds of audio. */
  public static final String REAL_TIME_FACTOR = "realTimeFactor";

  /** Utterances in a second. */
  public static final String UTTERANCES_PER_SECOND = "utterancesPerSecond";

  private StudyNames() {}
}
