package dev.syrinx.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** A cursor over a pickle that never leaves its bounds and never allocates more than was asked for and is there. */
final class PickleInput {
  /** Far above what any checkpoint's description needs: 60 000 tensors take 10 MB. */
  static final long MAX_PICKLE = 64L << 20;

  private static final int MAX_STRING = 1 << 20;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble BIG_ENDIAN_DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemorySegment bytes;
  private long position;

  PickleInput(MemorySegment bytes) {
    this.bytes = bytes;
  }

  long position() {
    return position;
  }

  int u8() {
    return bytes.get(ValueLayout.JAVA_BYTE, advance(1)) & 0xff;
  }

  int u16() {
    return bytes.get(SHORT, advance(2)) & 0xffff;
  }

  int i32() {
    return bytes.get(INT, advance(4));
  }

  long u32() {
    return i32() & 0xffff_ffffL;
  }

  /** A 64-bit integer; as a length, anything negative is refused by whoever advances by it. */
  long i64() {
    return bytes.get(LONG, advance(8));
  }

  /** The one number that pickles store with its highest byte first. */
  double f64() {
    return bytes.get(BIG_ENDIAN_DOUBLE, advance(8));
  }

  String text(long length, Charset charset) {
    if (length < 0 || length > MAX_STRING) {
      throw error("a string of " + Long.toUnsignedString(length) + " bytes; at most " + MAX_STRING + " are accepted");
    }
    long from = advance(length);
    return new String(bytes.asSlice(from, length).toArray(ValueLayout.JAVA_BYTE), charset);
  }

  /** Text up to the end of the line, without it. */
  String line() {
    long end = position;
    while (end < bytes.byteSize() && end - position <= MAX_STRING && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
      end++;
    }
    String line = text(end - position, StandardCharsets.UTF_8);
    advance(1);
    return line;
  }

  void skip(long length) {
    advance(length);
  }

  /** A signed integer, lowest byte first, of at most 8 bytes. */
  long whole(int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (long) u8() << (8 * i);
    }
    int unused = 64 - 8 * length;
    return length == 0 ? 0 : value << unused >> unused;
  }

  /** The rest from here on. */
  MemorySegment rest() {
    return bytes.asSlice(position);
  }

  CheckpointException error(String what) {
    return new CheckpointException("its pickle is refused at byte " + position + ": " + what);
  }

  private long advance(long length) {
    if (length < 0 || length > bytes.byteSize() - position) {
      throw error("cut short: " + Long.toUnsignedString(length) + " bytes expected, " + (bytes.byteSize() - position) + " left");
    }
    long from = position;
    position += length;
    if (position > MAX_PICKLE) {
      throw error("longer than " + MAX_PICKLE + " bytes");
    }
    return from;
  }
}
