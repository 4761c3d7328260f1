package dev.syrinx.text.numbers;

import com.ibm.icu.text.Transliterator;

/** Traditional characters to simplified ones, and full-width forms to ASCII. */
final class ChineseScript {
  private static final Transliterator SIMPLIFY = Transliterator.getInstance("Traditional-Simplified");
  private static final String SIGNS = "％＋－．／＄＃＆＠＝＊";

  private ChineseScript() {}

  static String simplify(String text) {
    return SIMPLIFY.transliterate(text);
  }

  /** Full-width letters, digits and signs of numbers; a colon only between digits. Other punctuation is the character map's business. */
  static String halfWidth(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean wide = c >= '！' && c <= '～' && (Character.isLetterOrDigit(c) || SIGNS.indexOf(c) >= 0 || isColonOfNumbers(text, i));
      out.append(c == '\u3000' ? ' ' : wide ? (char) (c - 0xfee0) : c);
    }
    return out.toString();
  }

  private static boolean isColonOfNumbers(String text, int i) {
    return text.charAt(i) == '：' && i > 0 && i + 1 < text.length() && Character.isDigit(text.charAt(i - 1))
        && Character.isDigit(text.charAt(i + 1));
  }
}
