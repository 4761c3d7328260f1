package dev.syrinx.bench.study;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.bench.Hashes;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One run of a scenario.
 *
 * @param seconds wall time of everything
 * @param firstToken seconds from a request to its first code, the longest
 * @param codesSeconds seconds of drawing codes: the sum of requests in turn, from the first to the last of a batch
 * @param voice seconds of preparing a voice, 0 if it was there
 * @param results of the utterances in order
 */
record Performance(double seconds, double firstToken, double codesSeconds, double voice, List<SpeechResult> results) {
  /** The timings of a record, by name. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(StudyNames.TOTAL, seconds);
    if (voice > 0) {
      values.put(Stage.VOICE.label(), voice);
    }
    for (Stage stage : Stage.values()) {
      double sum = stage == Stage.CODES ? codesSeconds : results.stream().mapToDouble(r -> r.times().seconds(stage)).sum();
      if (sum > 0) {
        values.merge(stage.label(), sum, Double::sum);
      }
    }
    double audio = audioSeconds();
    int codes = results.stream().mapToInt(SpeechResult::codes).sum();
    if (codes > 0) {
      values.put(StudyNames.MICROS_PER_TOKEN, codesSeconds / codes * 1e6);
      values.put(StudyNames.FIRST_TOKEN, firstToken);
    }
    if (audio > 0) {
      values.put(StudyNames.REAL_TIME_FACTOR, seconds / audio);
    }
    values.put(StudyNames.UTTERANCES_PER_SECOND, results.size() / seconds);
    return values;
  }

  double audioSeconds() {
    return results.stream().mapToDouble(SpeechResult::seconds).sum();
  }

  /** Codes of each utterance, all segments joined. */
  List<int[]> codes() {
    return results.stream().map(r -> r.segments().stream().flatMapToInt(s -> java.util.Arrays.stream(s.codes())).toArray()).toList();
  }

  /** SHA-256 of the 16-bit samples of all utterances, little-endian. */
  String sha256() {
    return Hashes.samples(Pcm16.forFile(samples()));
  }

  /** Samples of all utterances, one behind the other, at ±32767. */
  float[] samples() {
    float[] joined = new float[results.stream().mapToInt(r -> r.scaled().length).sum()];
    int at = 0;
    for (SpeechResult result : results) {
      System.arraycopy(result.scaled(), 0, joined, at, result.scaled().length);
      at += result.scaled().length;
    }
    return joined;
  }
}
