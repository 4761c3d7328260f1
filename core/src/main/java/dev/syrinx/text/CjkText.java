package dev.syrinx.text;

import java.util.Locale;
import java.util.StringJoiner;

/** Pre-tokenizing: a space around every character of the East Asian blocks, and upper case for all the rest. */
public final class CjkText {
  private CjkText() {}

  /** What the tokenizer sees of a normalised text. The upper case is the full one of Unicode, in no language: ß becomes SS. */
  public static String preTokenize(String normalized) {
    StringJoiner out = new StringJoiner(" ");
    int start = 0;
    int i = 0;
    while (i < normalized.length()) {
      int c = normalized.codePointAt(i);
      int next = i + Character.charCount(c);
      if (isCjk(c)) {
        add(out, normalized.substring(start, i));
        add(out, normalized.substring(i, next));
        start = next;
      }
      i = next;
    }
    add(out, normalized.substring(start));
    return out.toString();
  }

  /** Blocks include CJK punctuation, kana and Hangul. */
  static boolean isCjk(int c) {
    return (c >= 0x1100 && c <= 0x11ff) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xa840 && c <= 0xd7af) || (c >= 0xf900 && c <= 0xfaff)
        || (c >= 0xfe30 && c <= 0xfe4f) || (c >= 0xff65 && c <= 0xffdc) || (c >= 0x20000 && c <= 0x2ffff);
  }

  private static void add(StringJoiner out, String part) {
    String stripped = Whitespace.strip(part);
    if (!stripped.isEmpty()) {
      out.add(stripped.toUpperCase(Locale.ROOT));
    }
  }
}
