package dev.syrinx.text;

/**
 * Brings punctuation to the few marks that the vocabulary holds. One pass from left to right, not repeated: a full-width comma is mapped
 * by itself, so three of them become three commas and no ellipsis, while three ASCII commas do become one.
 */
final class CharacterMap {
  private CharacterMap() {}

  static String apply(String text, Language language) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      int ellipsis = ellipsis(text, i);
      if (ellipsis > 0) {
        out.append('…');
        i += ellipsis;
      } else {
        out.append(c == '$' && language == Language.CHINESE ? '.' : map(c));
        i++;
      }
    }
    return out.toString();
  }

  private static int ellipsis(String text, int i) {
    return text.startsWith("...", i) || text.startsWith(",,,", i) ? 3 : text.startsWith("……", i) ? 2 : 0;
  }

  private static char map(char c) {
    return switch (c) {
      case '：', '；', ';', '，', '、', ':' -> ',';
      case '。' -> '.';
      case '！' -> '!';
      case '？' -> '?';
      case '\n' -> ' ';
      case '·', '—', '～', '~' -> '-';
      case '“', '”', '"', '‘', '’', '（', '）', '(', ')', '《', '》', '【', '】', '[', ']', '「', '」' -> '\'';
      default -> c;
    };
  }
}
