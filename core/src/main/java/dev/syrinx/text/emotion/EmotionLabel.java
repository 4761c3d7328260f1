package dev.syrinx.text.emotion;

import java.util.Locale;
import java.util.Optional;

/** The eight emotions of the model, in the order of every emotion vector. */
public enum EmotionLabel {
  HAPPY("高兴", 0.9375),
  ANGRY("愤怒", 0.875),
  SAD("悲伤", 1.0),
  AFRAID("恐惧", 1.0),
  DISGUSTED("反感", 0.9375),
  MELANCHOLIC("低落", 0.9375),
  SURPRISED("惊讶", 0.6875),
  CALM("自然", 0.5625);

  private final String key;
  private final double bias;

  EmotionLabel(String key, double bias) {
    this.key = key;
    this.bias = bias;
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
