package dev.syrinx.audio;

/** Whether a recording can be a reference at all. Better a refusal here than a voice of noise after minutes of computing. */
final class ClipCheck {
  /** −100 dB of full scale: below the noise of any microphone, above the rounding of any converter. */
  private static final float SILENCE = 1e-5f;
  /** Far beyond any float recording that was merely too loud. */
  private static final float ABSURD = 1e4f;

  private ClipCheck() {}

  /** @param mono one channel */
  static void usable(AudioClip mono, String name) {
    SampleRates.check(mono.sampleRate(), name);
    if (mono.seconds() < SpeechAudio.MIN_SECONDS) {
      throw new AudioException(
          "%s: too short: %d samples at %d Hz are %.0f ms, at least %.0f ms are needed; %s"
              .formatted(name, mono.frames(), mono.sampleRate(), mono.seconds() * 1e3, SpeechAudio.MIN_SECONDS * 1e3, Remedy.RECORD));
    }
    float peak = 0;
    float[] samples = mono.samples();
    for (int i = 0; i < samples.length; i++) {
      float magnitude = Math.abs(samples[i]);
      if (!(magnitude <= ABSURD)) {
        throw new AudioException(
            "%s: sample %d (at %.3f s) is %s, which is no sound (full scale is ±1); the file is damaged, export it again"
                .formatted(name, i, (double) i / mono.sampleRate(), samples[i]));
      }
      peak = Math.max(peak, magnitude);
    }
    if (peak < SILENCE) {
      throw new AudioException("%s: silent: no sample of %.2f s reaches -100 dB; %s".formatted(name, mono.seconds(), Remedy.RECORD));
    }
  }
}
