package dev.syrinx.audio;

import java.io.IOException;

/**
 * The header of a FLAC frame (RFC 9639, section 9.1).
 *
 * @param blockSize samples per channel, 1 to 65536
 * @param assignment 0 to 7: that many channels and one more; 8 left and side, 9 side and right, 10 middle and side
 * @param bits per sample
 */
record FlacFrame(int blockSize, int assignment, int bits) {
  static final int LEFT_SIDE = 8;
  static final int SIDE_RIGHT = 9;
  static final int MIDDLE_SIDE = 10;
  private static final int[] BITS = {0, 8, 12, -1, 16, 20, 24, 32};

  int channels() {
    return assignment < LEFT_SIDE ? assignment + 1 : 2;
  }

  /** The second byte of the header is next, the first was 0xff. */
  static FlacFrame parse(FlacBits bits, int streamBits) throws IOException {
    if (bits.unsigned(7) != 0x7c) {
      throw new IOException("no frame where one should begin");
    }
    bits.unsigned(1);
    int sizeCode = (int) bits.unsigned(4);
    int rateCode = (int) bits.unsigned(4);
    int assignment = (int) bits.unsigned(4);
    int depth = BITS[(int) bits.unsigned(3)];
    bits.unsigned(1);
    skipNumber(bits);
    int blockSize = blockSize(bits, sizeCode);
    bits.unsigned(rateCode == 12 ? 8 : rateCode > 12 ? 16 : 0);
    int expected = bits.crc8();
    if (bits.unsigned(8) != expected || sizeCode == 0 || rateCode == 15 || assignment > MIDDLE_SIDE || depth < 0) {
      throw new IOException("a damaged frame header");
    }
    return new FlacFrame(blockSize, assignment, depth == 0 ? streamBits : depth);
  }

  /** The frame's number, in an extended UTF-8: as many leading ones as bytes. */
  private static void skipNumber(FlacBits bits) throws IOException {
    int first = (int) bits.unsigned(8);
    int length = Integer.numberOfLeadingZeros(~(first << 24));
    for (int i = 1; i < length; i++) {
      bits.unsigned(8);
    }
  }

  private static int blockSize(FlacBits bits, int code) throws IOException {
    return switch (code) {
      case 0, 1 -> 192;
      case 2, 3, 4, 5 -> 576 << (code - 2);
      case 6 -> (int) bits.unsigned(8) + 1;
      case 7 -> (int) bits.unsigned(16) + 1;
      default -> 256 << (code - 8);
    };
  }
}
