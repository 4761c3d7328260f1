package dev.syrinx.bench.study;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;

/** Quantities of a record that are taken once: what a cell holds of memory, and what it costs in likeness to the reference. */
public enum Metric {
  PLANNED_DEVICE_BYTES("plannedDeviceBytes", "B", Better.LESS, "memory of the device as planned without it, the driver's included"),
  ENGINE_DEVICE_BYTES("engineDeviceBytes", "B", Better.LESS, "most memory of the device that the engine held: weights, cache, workspace"),
  DEVICE_BYTES("deviceBytes", "B", Better.LESS, "memory in use on the device, by whomever, after the cell's first run"),
  WEIGHT_BYTES("weightBytes", "B", Better.LESS, "memory of the weights alone"),
  OFF_HEAP_BYTES("offHeapBytes", "B", Better.LESS, "memory outside the heap that the backend held on the CPU: weights, cache, workspace"),
  HOST_BYTES("hostBytes", "B", Better.LESS, "resident memory of the process after the cell's first run, everything of the study included"),
  STEP_MICROS("stepMicros", "us", Better.LESS, "a decode step's kernels on the device, one after the other as a graph, at the request's full length"),
  GAP_SHARE("gapShare", "1", Better.LESS, "share of a decode step that its kernels do not need: 1 - stepMicros over the wall time of a code after the first"),
  TOKEN_AGREEMENT("tokenAgreement", "1", Better.MORE, "share of codes that equal the reference's at the same position, of the longer of both"),
  FIRST_DIFFERENCE("firstDifference", "codes", Better.MORE, "codes before the first that differs from the reference's"),
  MEL_COSINE("melCosine", "1", Better.MORE, "cosine between log-mel frames of both outputs, mean over the frames"),
  MEL_CEPSTRAL_DISTANCE("melCepstralDistance", "dB", Better.LESS, "distance of mel cepstra 1 to 13, mean over the frames"),
  LOG_SPECTRAL_DISTANCE("logSpectralDistance", "dB", Better.LESS, "distance of log power spectra, mean over the frames"),
  SNR("snr", "dB", Better.MORE, "energy of the reference's samples over that of the difference"),
  ROUNDING_SNR("roundingSnr", "dB", Better.MORE, "SNR of the reference against itself when each number of its voice is changed by a millionth, up or down: what rounding becomes in this model"),
  IDENTICAL("identical", "1", Better.MORE, "1 where the 16-bit samples equal the reference's, else 0"),
  THD("thd", "%", Better.LESS, "harmonics 2 to 10 of a tone through the vocoder (5 periods a frame: 431 Hz), as a share of the tone's amplitude"),
  WORD_ERROR_RATE("wordErrorRate", "1", Better.LESS, "edits over words between the text and what a recognizer hears");

  private final String label;
  private final String unit;
  private final Better better;
  private final String meaning;

  /** Which way is good. */
  public enum Better { LESS, MORE }

  Metric(String label, String unit, Better better, String meaning) {
    this.label = label;
    this.unit = unit;
    this.better = better;
    this.meaning = meaning;
  }

  /** Name in records. */
  @JsonValue
  public String label() {
    return label;
  }

  public String unit() {
    return unit;
  }

  public Better better() {
    return better;
  }

  /** What it is, in words. */
  public String meaning() {
    return meaning;
  }

  /**
   * The metric of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Metric of(String label) {
    return Arrays.stream(values()).filter(m -> m.label.equals(label)).findFirst().orElseThrow(() -> new IllegalArgumentException("no metric is named '" + label + "'"));
  }
}
