package dev.syrinx.kernels.sample;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011): four random words from a counter and a
 * key, without state. Any element of any step can be drawn alone, in any order, on any machine, with the same result.
 */
public final class Philox {
  /** Words of a block. */
  public static final int WORDS = 4;

  private static final int ROUNDS = 10;
  private static final long M0 = 0xD2511F53L;
  private static final long M1 = 0xCD9E8D57L;
  private static final int W0 = 0x9E3779B9; // the golden ratio
  private static final int W1 = 0xBB67AE85; // √3 − 1

  private Philox() {}

  /** The block of the counter (c0, c1, c2, c3) and the key (k0, k1), into 16 bytes of {@code out}. */
  public static void block(int c0, int c1, int c2, int c3, int k0, int k1, MemorySegment out) {
    int x0 = c0;
    int x1 = c1;
    int x2 = c2;
    int x3 = c3;
    int key0 = k0;
    int key1 = k1;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = M0 * (x0 & 0xFFFFFFFFL);
      long p1 = M1 * (x2 & 0xFFFFFFFFL);
      x0 = (int) (p1 >>> 32) ^ x1 ^ key0;
      x1 = (int) p1;
      x2 = (int) (p0 >>> 32) ^ x3 ^ key1;
      x3 = (int) p0;
      key0 += W0;
      key1 += W1;
    }
    out.set(JAVA_INT_UNALIGNED, 0, x0);
    out.set(JAVA_INT_UNALIGNED, 4, x1);
    out.set(JAVA_INT_UNALIGNED, 8, x2);
    out.set(JAVA_INT_UNALIGNED, 12, x3);
  }

  /** A word as a number strictly between 0 and 1: the middle of its 2⁻³² wide interval. */
  public static double uniform(int word) {
    return ((word & 0xFFFFFFFFL) + 0.5) * 0x1p-32;
  }

  /** A word as Gumbel noise: −log(−log u), about −3.1 to 22.9. */
  public static double gumbel(int word) {
    return -Math.log(-Math.log(uniform(word)));
  }

  /** Two words as one normally distributed number (Box and Muller 1958). */
  public static double normal(int first, int second) {
    return Math.sqrt(-2 * Math.log(uniform(first))) * Math.cos(2 * Math.PI * uniform(second));
  }
}
