package dev.syrinx.synth;

import dev.syrinx.text.TextException;
import dev.syrinx.text.emotion.EmotionVector;
import java.nio.file.Path;

/** Where the emotion of an utterance comes from. */
public sealed interface Emotion {
  /** From the voice's own clip. */
  record OfVoice() implements Emotion {}

  /**
   * From another clip, blended: base + alpha·(clip − base).
   *
   * @param clip any speech; its first 15 seconds are used
   * @param alpha 1 takes the clip's emotion whole, 0 the voice's own; -100 to 100
   */
  record OfAudio(Path clip, float alpha) implements Emotion {
    /** Far above any use, and far below what makes the sums of a model overflow. */
    private static final float LARGEST = 100;

    public OfAudio {
      if (!(Math.abs(alpha) <= LARGEST)) {
        throw new TextException("the emotion alpha is " + alpha + "; give a number from -100 to 100, usually 0 to 1");
      }
    }
  }

  /**
   * From weights of the eight emotions, over the voice's own for what is left to 1. Scale with {@link EmotionVector#scaled} first where
   * wanted.
   */
  record OfVector(EmotionVector weights) implements Emotion {}

  /**
   * From the meaning of a text, by the model's emotion classifier.
   *
   * @param text what to classify; empty means the spoken text
   * @param alpha factor of the scores, clamped to [0, 1]
   */
  record OfText(String text, double alpha) implements Emotion {}
}
