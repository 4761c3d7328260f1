package dev.syrinx.text.template;

/** String constants in templates, with Python's escapes. */
final class StringLiteral {
  private static final String LETTERS = "abfnrtv\\'\"";
  private static final String MEANINGS = "\u0007\b\f\n\r\t\u000b\\'\"";

  private StringLiteral() {}

  /** The position after the closing quote. */
  static int end(String source, int start) {
    int i = start + 1;
    while (i < source.length() && source.charAt(i) != source.charAt(start)) {
      i += source.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i + 1, source.length());
  }

  static Token read(String name, String source, int start, int line) {
    int end = end(source, start);
    if (end - start < 2 || source.charAt(end - 1) != source.charAt(start)) {
      throw TemplateError.at(name, line, "a string is not closed");
    }
    StringBuilder out = new StringBuilder();
    int i = start + 1;
    while (i < end - 1) {
      char c = source.charAt(i++);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escape = source.charAt(i++);
      int known = LETTERS.indexOf(escape);
      int digits = escape == 'u' ? 4 : escape == 'x' ? 2 : 0;
      if (known >= 0) {
        out.append(MEANINGS.charAt(known));
      } else if (digits > 0) {
        out.append(code(name, source, i, Math.min(i + digits, end - 1), line));
        i += digits;
      } else if (escape != '\n') {
        out.append('\\').append(escape);
      }
    }
    return new Token(Token.Kind.STRING, out.toString(), line);
  }

  private static char code(String name, String source, int start, int end, int line) {
    try {
      return (char) Integer.parseInt(source, start, end, 16);
    } catch (NumberFormatException e) {
      throw TemplateError.at(name, line, "'\\" + source.substring(start - 1, end) + "' is no character");
    }
  }
}
