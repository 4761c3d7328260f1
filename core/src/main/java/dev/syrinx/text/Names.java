package dev.syrinx.text;

/**
 * Foreign names in Chinese characters: two or three runs joined by {@code -}, {@code ·} or {@code —}. They are protected while numbers
 * are read. Scanned by hand: one pass, however long a run is.
 */
final class Names {
  private Names() {}

  static String protect(String text, Placeholders placeholders) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      if (!chinese(text, i)) {
        out.append(text.charAt(i++));
        continue;
      }
      int end = endOfRun(text, i);
      int runs = 1;
      while (runs < 3 && joined(text, end)) {
        end = endOfRun(text, end + 1);
        runs++;
      }
      String part = text.substring(i, end);
      out.append(runs > 1 ? placeholders.placeholder(part) : part);
      i = end;
    }
    return out.toString();
  }

  private static boolean joined(String text, int i) {
    return i < text.length() && "-·—".indexOf(text.charAt(i)) >= 0 && chinese(text, i + 1);
  }

  private static int endOfRun(String text, int start) {
    int i = start;
    while (chinese(text, i)) {
      i++;
    }
    return i;
  }

  private static boolean chinese(String text, int i) {
    return i < text.length() && text.charAt(i) >= 0x4e00 && text.charAt(i) <= 0x9fff;
  }
}
