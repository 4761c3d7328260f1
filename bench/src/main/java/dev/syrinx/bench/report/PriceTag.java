package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a cell costs in likeness, in a few words: no speed stands without it. */
final class PriceTag {
  private static final List<Metric> SHOWN = List.of(Metric.MEL_CEPSTRAL_DISTANCE, Metric.SNR, Metric.THD, Metric.WORD_ERROR_RATE);

  private PriceTag() {}

  static String of(StudyRecord record) {
    var figures = record.price().figures();
    if (figures.value(Metric.IDENTICAL).orElse(0) == 1) {
      return "same bytes as the reference";
    }
    List<String> parts = new ArrayList<>();
    figures.value(Metric.TOKEN_AGREEMENT).ifPresent(v -> parts
        .add(String.format(Locale.ROOT, "%.1f %% of codes equal", Math.floor(v * 1000) / 10)));
    for (Metric metric : SHOWN) {
      figures.value(metric).ifPresent(v -> parts.add(name(metric) + " " + Show.value(v, metric.unit())));
    }
    if (parts.isEmpty()) {
      return "price not known: " + figures.absent().values().stream().findFirst().orElse("nobody took it");
    }
    return String.join(", ", parts) + (record.price().codes().equals("reference") ? " (sound of the reference's codes)" : "");
  }

  /** The same in a few letters. */
  static String brief(StudyRecord record) {
    var figures = record.price().figures();
    if (figures.value(Metric.IDENTICAL).orElse(0) == 1) {
      return "price: none, same bytes";
    }
    List<String> parts = new ArrayList<>();
    figures.value(Metric.TOKEN_AGREEMENT).ifPresent(v -> parts
        .add(String.format(Locale.ROOT, "%.1f %% codes equal", Math.floor(v * 1000) / 10)));
    figures.value(Metric.MEL_CEPSTRAL_DISTANCE).ifPresent(v -> parts.add("MCD " + Show.value(v, "dB")));
    figures.value(Metric.SNR).ifPresent(v -> parts.add("SNR " + Show.value(v, "dB")));
    return parts.isEmpty() ? "price not known" : "price: " + String.join(", ", parts);
  }

  /** A metric's short name. */
  static String name(Metric metric) {
    return switch (metric) {
      case MEL_CEPSTRAL_DISTANCE -> "mel-cepstral distance";
      case LOG_SPECTRAL_DISTANCE -> "log-spectral distance";
      case MEL_COSINE -> "mel cosine";
      case TOKEN_AGREEMENT -> "equal codes";
      case FIRST_DIFFERENCE -> "first difference";
      case WORD_ERROR_RATE -> "word errors";
      case SNR -> "SNR";
      case ROUNDING_SNR -> "SNR of a rounding";
      case THD -> "THD";
      case IDENTICAL -> "same bytes";
      case PLANNED_DEVICE_BYTES -> "planned";
      case ENGINE_DEVICE_BYTES -> "held by the engine";
      case DEVICE_BYTES -> "in use on the device";
      case WEIGHT_BYTES -> "weights";
      case OFF_HEAP_BYTES -> "outside the heap";
      case HOST_BYTES -> "resident process";
      case STEP_MICROS -> "kernels of a decode step";
      case GAP_SHARE -> "idle share of decoding";
    };
  }
}
