package dev.syrinx.text;

/**
 * A glossary reading is a replacement template of the reference's regular expressions: a backslash begins an escape. Terms have no groups,
 * so the whole match, {@code \g<0>}, is the only reference.
 */
final class ReadingTemplate {
  private static final String LETTERS = "abfnrtv\\";
  private static final String MEANINGS = "\u0007\b\f\n\r\t\u000b\\";
  private static final String WHOLE = "g<0>";

  private ReadingTemplate() {}

  static void check(String template, String term, String file) {
    for (int i = template.indexOf('\\'); i >= 0; i = template.indexOf('\\', i + 2)) {
      char c = i + 1 < template.length() ? template.charAt(i + 1) : ' ';
      boolean known = LETTERS.indexOf(c) >= 0 || template.startsWith(WHOLE, i + 1);
      if (!known && (i + 1 == template.length() || Character.isLetterOrDigit(c))) {
        throw new TextModelException(file, "the reading of '" + term + "' has the unknown escape '\\" + c + "'",
            "Write two backslashes for one");
      }
    }
  }

  static String expand(String template, String match) {
    if (template.indexOf('\\') < 0) {
      return template;
    }
    StringBuilder out = new StringBuilder(template.length());
    int i = 0;
    while (i < template.length()) {
      char c = template.charAt(i++);
      if (c != '\\') {
        out.append(c);
      } else if (template.startsWith(WHOLE, i)) {
        out.append(match);
        i += WHOLE.length();
      } else {
        char escape = template.charAt(i++);
        int known = LETTERS.indexOf(escape);
        out.append(known >= 0 ? MEANINGS.substring(known, known + 1) : "\\" + escape);
      }
    }
    return out.toString();
  }
}
