package dev.syrinx.audio;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Bits of a FLAC stream, most significant first, with the two checksums of a frame. Never holds more than the rest of one byte. */
final class FlacBits {
  private static final int CRC8_POLYNOMIAL = 0x07;
  private static final int CRC16_POLYNOMIAL = 0x8005;
  private static final int[] CRC16 = new int[256];

  static {
    for (int b = 0; b < 256; b++) {
      int crc = b << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ ((crc & 0x8000) != 0 ? CRC16_POLYNOMIAL : 0);
      }
      CRC16[b] = crc & 0xffff;
    }
  }

  private final InputStream in;
  private int rest;
  private int restBits;
  private int crc8;
  private int crc16;

  FlacBits(InputStream in) {
    this.in = in;
  }

  /** Starts both checksums anew; only between bytes. */
  void restartChecksums() {
    crc8 = 0;
    crc16 = 0;
  }

  int crc8() {
    return crc8;
  }

  int crc16() {
    return crc16;
  }

  /** The next byte, or −1 at the end; only between bytes. */
  int byteOrEnd() throws IOException {
    int next = in.read();
    if (next >= 0) {
      crc16 = (crc16 << 8 & 0xffff) ^ CRC16[crc16 >> 8 ^ next];
      crc8 ^= next;
      for (int bit = 0; bit < 8; bit++) {
        crc8 = (crc8 << 1 ^ ((crc8 & 0x80) != 0 ? CRC8_POLYNOMIAL : 0)) & 0xff;
      }
    }
    return next;
  }

  private int nextByte() throws IOException {
    int next = byteOrEnd();
    if (next < 0) {
      throw new EOFException("the FLAC stream ends inside a frame");
    }
    return next;
  }

  /** @param count 0 to 33 */
  long unsigned(int count) throws IOException {
    long value = 0;
    int missing = count;
    while (missing > 0) {
      if (restBits == 0) {
        rest = nextByte();
        restBits = 8;
      }
      int taken = Math.min(missing, restBits);
      restBits -= taken;
      value = (value << taken) | ((rest >> restBits) & ((1 << taken) - 1));
      missing -= taken;
    }
    return value;
  }

  /** Two's complement of {@code count} bits. */
  long signed(int count) throws IOException {
    return count == 0 ? 0 : (unsigned(count) << (64 - count)) >> (64 - count);
  }

  /** Zeros before the next one, which is consumed too. */
  long unary() throws IOException {
    long zeros = 0;
    while (true) {
      int left = rest & (1 << restBits) - 1;
      if (left != 0) {
        int leading = Integer.numberOfLeadingZeros(left) - (32 - restBits);
        restBits -= leading + 1;
        return zeros + leading;
      }
      zeros += restBits;
      rest = nextByte();
      restBits = 8;
    }
  }

  /** Drops what is left of the current byte. */
  void align() {
    restBits = 0;
  }
}
