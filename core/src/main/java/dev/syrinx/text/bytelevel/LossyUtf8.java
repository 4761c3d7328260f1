package dev.syrinx.text.bytelevel;

/**
 * UTF-8 with U+FFFD for each maximal part of a broken sequence, as the Unicode standard (3.9, table 3-8) recommends. The decoder of the
 * JDK counts some of them differently.
 */
final class LossyUtf8 {
  private static final char BROKEN = '\ufffd';

  private LossyUtf8() {}

  static String decode(byte[] bytes) {
    StringBuilder out = new StringBuilder(bytes.length);
    int i = 0;
    while (i < bytes.length) {
      int lead = bytes[i] & 0xff;
      int length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
      int code = length == 1 ? lead : lead & (0x7f >> length);
      int read = 1;
      while (read < length && continues(bytes, i, read)) {
        code = code << 6 | (bytes[i + read] & 0x3f);
        read++;
      }
      if (length == 0 || read < length) {
        out.append(BROKEN);
      } else {
        out.appendCodePoint(code);
      }
      i += read;
    }
    return out.toString();
  }

  /** Whether the byte may stand there: some leads narrow the range of the second byte (no overlong forms, no surrogates, 17 planes). */
  private static boolean continues(byte[] bytes, int start, int at) {
    if (start + at >= bytes.length) {
      return false;
    }
    int b = bytes[start + at] & 0xff;
    int lead = bytes[start] & 0xff;
    int low = at > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    int high = at > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    return b >= low && b <= high;
  }
}
