package dev.syrinx.text.sentencepiece;

/** Lengths of text in UTF-8 and in Java's characters. */
final class Utf8 {
  private Utf8() {}

  /** Bytes of the character that begins with this byte; 1 for a byte in the middle of a character. */
  static int length(byte lead) {
    int b = lead & 0xff;
    return b < 0xc0 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  }

  /** Bytes of a stretch of well-formed text. */
  static int length(String text, int start, int end) {
    int bytes = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** Java characters that begin in a stretch of bytes. */
  static int characters(byte[] bytes, int start, int end) {
    int characters = 0;
    for (int i = start; i < end; i++) {
      int b = bytes[i] & 0xff;
      characters += b >= 0xf0 ? 2 : b >= 0xc0 || b < 0x80 ? 1 : 0;
    }
    return characters;
  }
}
