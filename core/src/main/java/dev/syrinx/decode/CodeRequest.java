package dev.syrinx.decode;

import java.util.Objects;

/**
 * A text to turn into codes, in host memory, so that it may wait its turn.
 *
 * @param speaker latents, row by row
 * @param speakerRows how many rows
 * @param emotion one row
 * @param ids of the text
 * @param sampling how codes are chosen
 * @param noise where chance comes from
 * @param progress is told how many codes were drawn, from whichever thread decodes; returns whether to go on
 */
public record CodeRequest(
    float[] speaker, int speakerRows, float[] emotion, int[] ids, SamplingOptions sampling, NoiseSource.Seeded noise, Progress progress) {
  /** Follows a generation. */
  @FunctionalInterface
  public interface Progress {
    /** Nobody follows. */
    Progress NONE = drawn -> true;

    /** @return whether to go on */
    boolean drawn(int codes);
  }

  /** Checks that nothing is missing. */
  public CodeRequest {
    Objects.requireNonNull(sampling, "sampling");
    Objects.requireNonNull(noise, "noise");
    Objects.requireNonNull(progress, "progress");
    if (speakerRows < 1 || speaker.length % speakerRows != 0) {
      throw new IllegalArgumentException(speaker.length + " numbers are no " + speakerRows + " rows of latents");
    }
  }
}
