package dev.syrinx.bench.study;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is spoken. Speakers speak in turn, each their own text; batched, all requests are made at once and decode together. */
public enum Scenario {
  /** One utterance of one speaker, whose voice was prepared before. */
  ONE(1, false),
  /** The same with the voice prepared each time. */
  NEW_VOICE(1, false),
  /** One utterance with the emotion of another recording. */
  EMOTION_AUDIO(1, false),
  /** One utterance with an emotion given as weights. */
  EMOTION_VECTOR(1, false),
  TWO_SERIAL(2, false), TWO_BATCHED(2, true), THREE_SERIAL(3, false), THREE_BATCHED(3, true), FOUR_SERIAL(4, false), FOUR_BATCHED(4, true), EIGHT_BATCHED(8, true);

  private final int utterances;
  private final boolean batched;

  Scenario(int utterances, boolean batched) {
    this.utterances = utterances;
    this.batched = batched;
  }

  /** Name in records and matrices. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Requests in all. */
  public int utterances() {
    return utterances;
  }

  /** Requests that are made at a time. */
  public int batch() {
    return batched ? utterances : 1;
  }

  static Scenario of(String label, String where) {
    return Arrays.stream(values()).filter(s -> s.label().equals(label)).findFirst().orElseThrow(() -> {
      List<String> known = Arrays.stream(values()).map(Scenario::label).toList();
      return new MatrixException(where + ": '" + label + "' is no scenario; there are " + known);
    });
  }
}
