package dev.syrinx.audio;

import java.io.EOFException;
import java.io.IOException;

/** Bits of a Vorbis packet, least significant first. */
final class VorbisBits {
  private final byte[] bytes;
  private final long end;
  private long at;

  VorbisBits(byte[] bytes, int from, int length) {
    this.bytes = bytes;
    this.at = 8L * from;
    this.end = 8L * (from + length);
  }

  /** @param count 0 to 32 */
  long read(int count) throws IOException {
    if (at + count > end) {
      throw new EOFException("the packet ends early");
    }
    long value = 0;
    for (int i = 0; i < count; i++, at++) {
      value |= (long) (bytes[(int) (at >> 3)] >> (at & 7) & 1) << i;
    }
    return value;
  }

  void skip(long count) throws IOException {
    at += count;
    if (at > end) {
      throw new EOFException("the packet ends early");
    }
  }
}
