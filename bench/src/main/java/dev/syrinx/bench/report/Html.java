package dev.syrinx.bench.report;

/** Text inside a page: what comes from records stays text, whatever it holds. */
public final class Html {
  private Html() {}

  /** Escaped for element content and for attributes in quotes; control characters, which no page may have, become spaces. */
  public static String text(String raw) {
    StringBuilder out = new StringBuilder(raw.length() + 8);
    raw.codePoints().forEach(c -> {
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.appendCodePoint(allowed(c) ? c : ' ');
      }
    });
    return out.toString();
  }

  /** What XML 1.0 allows, tabs apart. */
  private static boolean allowed(int c) {
    boolean control = (c < ' ' && c != '\n') || c == 0x7f;
    boolean halfPair = c >= 0xd800 && c <= 0xdfff;
    return !control && !halfPair && c != 0xfffe && c != 0xffff;
  }
}
