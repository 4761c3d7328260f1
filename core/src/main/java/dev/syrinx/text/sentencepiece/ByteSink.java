package dev.syrinx.text.sentencepiece;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that become text at the end: a damaged model may cut characters apart, which must not disturb the decoder. */
final class ByteSink {
  private byte[] bytes;
  private int size;

  ByteSink(int capacity) {
    bytes = new byte[capacity];
  }

  void append(byte[] source, int start, int end) {
    if (size + end - start > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + end - start));
    }
    System.arraycopy(source, start, bytes, size, end - start);
    size += end - start;
  }

  @Override
  public String toString() {
    return new String(bytes, 0, size, StandardCharsets.UTF_8);
  }
}
