package dev.syrinx.synth;

import dev.syrinx.decode.NoiseSource;

/** All random numbers of a request. Seeded for speech; given where golden data is replayed. */
public interface Chance {
  /** Noise of the code sampler for a segment. */
  NoiseSource codes(int segment);

  /** Noise of the flow for a segment: {@code [mels][frames]}. */
  float[] flow(int segment, int mels, int frames);

  /** Reproducible numbers: the same seed gives the same, whatever the machine and the number of threads. */
  static Chance seeded(long seed) {
    return new Chance() {
      @Override
      public NoiseSource codes(int segment) {
        return NoiseSource.seeded(seed, segment);
      }

      @Override
      public float[] flow(int segment, int mels, int frames) {
        return FlowNoise.normal(seed, segment, Math.multiplyExact(mels, frames));
      }
    };
  }
}
