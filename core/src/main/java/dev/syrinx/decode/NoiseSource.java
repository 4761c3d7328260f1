package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.sample.PhiloxNoise;
import dev.syrinx.tensor.Tensor;

/** Where chance comes from: Gumbel noise for every candidate of every step. */
public interface NoiseSource {
  /**
   * Issues the calls that fill the noise of a step. They are recorded once and replayed, so what changes must be read from memory.
   *
   * @param p probabilities {@code [n]}; candidates of probability 0 may be given 0
   * @param step number of the step {@code [1]}, int32
   * @param noise {@code [n]}
   */
  void record(Ops ops, Tensor p, Tensor step, Tensor noise);

  /** Called before each step, for sources that bring their noise from the host. */
  default void prepare(Ops ops, int step, Tensor noise) {}

  /**
   * Reproducible noise: the same seed, stream and step give the same draws, on every machine and in every batch.
   *
   * @param seed of the request
   * @param stream what is drawn within it, such as the number of a segment
   */
  static NoiseSource seeded(long seed, long stream) {
    return new Seeded(seed, stream);
  }

  /** See {@link #seeded}. */
  record Seeded(long seed, long stream) implements NoiseSource {
    @Override
    public void record(Ops ops, Tensor p, Tensor step, Tensor noise) {
      ops.run(
          PhiloxNoise.SPEC.arguments().set("p", p.view()).set("step", step.view()).set("y", noise.view())
              .set("distribution", PhiloxNoise.Distribution.GUMBEL.id()).set("seed_low", (int) seed).set("seed_high", (int) (seed >>> 32))
              .set("stream_low", (int) stream).set("stream_high", (int) (stream >>> 32)));
    }

    /** The words that {@link dev.syrinx.kernels.sample.DrawCodes} takes. */
    int[] words() {
      return new int[] {(int) seed, (int) (seed >>> 32), (int) stream, (int) (stream >>> 32)};
    }
  }

  /** Given noise, one row of n numbers a step: how stored draws are reproduced. */
  static NoiseSource given(float[][] rows) {
    return new Given(rows);
  }

  /** See {@link #given}. */
  final class Given implements NoiseSource {
    private final float[][] rows;

    private Given(float[][] rows) {
      this.rows = rows;
    }

    @Override
    public void record(Ops ops, Tensor p, Tensor step, Tensor noise) {
      // Nothing to compute: prepare uploads.
    }

    @Override
    public void prepare(Ops ops, int step, Tensor noise) {
      if (step >= rows.length || rows[step].length != noise.elements()) {
        throw new DecodeException(
            "given noise: step " + step + " needs a row of " + noise.elements() + " numbers, there are " + rows.length + " rows");
      }
      ops.uploadInto(rows[step], noise);
    }
  }
}
