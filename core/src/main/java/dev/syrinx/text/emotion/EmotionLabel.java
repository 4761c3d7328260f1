package dev.syrinx.text.emotion;

import java.util.Locale;
import java.util.Optional;

/** The eight emotions of the model, in the order of every emotion vector. */
public enum EmotionLabel {
  HAPPY(0, "高兴", 0.9375), ANGRY(1, "愤怒", 0.875), SAD(2, "悲伤", 1.0), AFRAID(3, "恐惧", 1.0), DISGUSTED(4, "反感", 0.9375),
  MELANCHOLIC(5, "低落", 0.9375), SURPRISED(6, "惊讶", 0.6875), CALM(7, "自然", 0.5625);

  private final int index;
  private final String key;
  private final double bias;

  EmotionLabel(int index, String key, double bias) {
    this.index = index;
    this.key = key;
    this.bias = bias;
  }

  /** Its place in an emotion vector. */
  public int index() {
    return index;
  }

  /** The Chinese name, which the language model answers with. */
  public String key() {
    return key;
  }

  /** The English name, in lower case. */
  public String english() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The factor by which the reference's web page damps hand-set weights. */
  double bias() {
    return bias;
  }

  /** The emotion of a Chinese or English name, in any case, with any space around. */
  public static Optional<EmotionLabel> of(String name) {
    String plain = name.strip().toLowerCase(Locale.ROOT);
    for (EmotionLabel label : values()) {
      if (label.key.equals(plain) || label.english().equals(plain)) {
        return Optional.of(label);
      }
    }
    return Optional.empty();
  }
}
