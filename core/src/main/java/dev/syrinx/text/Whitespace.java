package dev.syrinx.text;

/**
 * Whitespace as Python's {@code str.isspace} sees it, which the reference uses: unlike {@link Character#isWhitespace} it holds the
 * no-break spaces and U+0085.
 */
final class Whitespace {
  private Whitespace() {}

  static boolean is(int c) {
    if (c <= 0x20) {
      return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
    }
    return switch (c) {
      case 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
      default -> c >= 0x2000 && c <= 0x200a;
    };
  }

  static String strip(String text) {
    int start = 0;
    while (start < text.length() && is(text.charAt(start))) {
      start++;
    }
    return stripTrailing(text.substring(start));
  }

  static String stripTrailing(String text) {
    int end = text.length();
    while (end > 0 && is(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }
}
