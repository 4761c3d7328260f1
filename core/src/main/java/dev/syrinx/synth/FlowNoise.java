package dev.syrinx.synth;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.syrinx.kernels.sample.Philox;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** The starting noise of flow matching: standard normal numbers, of which each depends on the seed, the segment and its own index alone. */
final class FlowNoise {
  /** Keeps these counters apart from those of the code sampler. */
  private static final int STREAM = 0x464c4f57;

  /** Numbers that one thread makes at a time; all together take a GPU's time for three steps, so they are shared out. */
  private static final int PART = 8192;

  private FlowNoise() {}

  /** {@code count} numbers. */
  static float[] normal(long seed, int segment, int count) {
    float[] values = new float[count];
    IntStream.range(0, Math.ceilDiv(count, PART)).parallel().forEach(part -> part(seed, segment, values, part * PART, Math.min(count, (part + 1) * PART)));
    return values;
  }

  /** From an even number on. */
  private static void part(long seed, int segment, float[] values, int from, int to) {
    MemorySegment words = MemorySegment.ofArray(new int[Philox.WORDS]);
    for (int i = from; i < to; i += 2) {
      Philox.block(i / 2, segment, STREAM, 0, (int) seed, (int) (seed >>> 32), words);
      values[i] = normal(words, 0);
      if (i + 1 < to) {
        values[i + 1] = normal(words, 8);
      }
    }
  }

  private static float normal(MemorySegment words, int at) {
    return (float) Philox.normal(words.get(JAVA_INT_UNALIGNED, at), words.get(JAVA_INT_UNALIGNED, at + 4));
  }
}
