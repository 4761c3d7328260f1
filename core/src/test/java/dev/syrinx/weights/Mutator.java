package dev.syrinx.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages bytes: the same seed does the same damage. */
final class Mutator {
  private static final long[] INTERESTING = {
      0, 1, 2, 7, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, 1L << 40, 1L << 60,
      Long.MAX_VALUE, Long.MIN_VALUE, -1, -8};

  private final SplittableRandom random;
  private final List<byte[]> donors;

  /**
   * @param donors files that pieces are taken from
   */
  Mutator(long seed, List<byte[]> donors) {
    this.random = new SplittableRandom(seed);
    this.donors = donors;
  }

  byte[] damage(byte[] good) {
    byte[] bytes = good.clone();
    int rounds = random.nextInt(3) > 0 ? 1 : random.nextInt(2, 4);
    for (int i = 0; i < rounds && bytes.length > 0; i++) {
      bytes = switch (random.nextInt(6)) {
        case 0 -> flipBits(bytes);
        case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
        case 2 -> splice(bytes, donors.get(random.nextInt(donors.size())));
        case 3 -> splice(bytes, bytes);
        case 4 -> remove(bytes);
        default -> number(bytes);
      };
    }
    return bytes;
  }

  private byte[] flipBits(byte[] bytes) {
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** Puts a piece of the donor somewhere, over what is there or between. */
  private byte[] splice(byte[] bytes, byte[] donor) {
    int from = random.nextInt(donor.length);
    int length = Math.min(random.nextInt(1, 1 << random.nextInt(1, 8)), donor.length - from);
    int at = random.nextInt(bytes.length);
    int kept = random.nextBoolean() ? at : Math.min(bytes.length, at + length);
    byte[] spliced = new byte[at + length + bytes.length - kept];
    System.arraycopy(bytes, 0, spliced, 0, at);
    System.arraycopy(donor, from, spliced, at, length);
    System.arraycopy(bytes, kept, spliced, at + length, bytes.length - kept);
    return spliced;
  }

  private byte[] remove(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int end = Math.min(bytes.length, at + random.nextInt(1, 64));
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - (end - at));
    System.arraycopy(bytes, end, shorter, at, bytes.length - end);
    return shorter;
  }

  /** Writes a number that hurts where a length may stand: in binary, or in the place of the next digits. */
  private byte[] number(byte[] bytes) {
    long value = INTERESTING[random.nextInt(INTERESTING.length)];
    int at = random.nextInt(bytes.length);
    if (random.nextBoolean()) {
      return digits(bytes, at, value);
    }
    byte[] binary = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    System.arraycopy(binary, 0, bytes, at, Math.min(1 << random.nextInt(4), bytes.length - at));
    return bytes;
  }

  private static byte[] digits(byte[] bytes, int at, long value) {
    int from = at;
    while (from < bytes.length && !Character.isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && Character.isDigit(bytes[to])) {
      to++;
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return (text.substring(0, from) + value + text.substring(to)).getBytes(StandardCharsets.ISO_8859_1);
  }
}
