package dev.syrinx.text;

/**
 * Hyphenated terms such as {@code GPT-5-Nano}: their hyphens become a mark while numbers are read, so that they are no minus signs.
 * A term is letters and digits that begin with a letter, then hyphens with letters or digits after each.
 */
final class TechTerms {
  private static final String MARK = "<H>";

  private final String text;
  private final boolean found;

  private TechTerms(String text, boolean found) {
    this.text = text;
    this.found = found;
  }

  /** Marks the hyphens of every term, in one pass: the same as replacing each distinct match, longest first. */
  static TechTerms protect(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    boolean found = false;
    int i = 0;
    while (i < text.length()) {
      if (!alphanumeric(text, i)) {
        out.append(text.charAt(i++));
        continue;
      }
      int end = endOfRun(text, i);
      boolean hasLetter = hasLetter(text, i, end);
      out.append(text, i, end);
      i = end;
      while (hasLetter && i < text.length() && text.charAt(i) == '-' && alphanumeric(text, i + 1)) {
        end = endOfRun(text, i + 1);
        out.append(MARK).append(text, i + 1, end);
        found = true;
        i = end;
      }
    }
    return new TechTerms(out.toString(), found);
  }

  String text() {
    return text;
  }

  /** Turns the marks, with whitespace that a reader of numbers put around them, into hyphens again. */
  String restore(String read) {
    if (!found) {
      return read;
    }
    StringBuilder out = new StringBuilder(read.length());
    int i = 0;
    while (true) {
      int mark = read.indexOf(MARK, i);
      if (mark < 0) {
        return out.append(read, i, read.length()).toString();
      }
      int end = mark;
      while (end > i && Whitespace.is(read.charAt(end - 1))) {
        end--;
      }
      out.append(read, i, end).append('-');
      i = mark + MARK.length();
      while (i < read.length() && Whitespace.is(read.charAt(i))) {
        i++;
      }
    }
  }

  private static boolean hasLetter(String text, int start, int end) {
    for (int i = start; i < end; i++) {
      if (text.charAt(i) > '9') {
        return true;
      }
    }
    return false;
  }

  private static int endOfRun(String text, int start) {
    int i = start;
    while (alphanumeric(text, i)) {
      i++;
    }
    return i;
  }

  private static boolean alphanumeric(String text, int i) {
    if (i >= text.length()) {
      return false;
    }
    char c = text.charAt(i);
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
