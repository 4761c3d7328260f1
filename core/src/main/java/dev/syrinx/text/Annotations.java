package dev.syrinx.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Pronunciation notes {@code <word|reading>}, kept out of normalisation by placeholders. This version of the model gives them no meaning:
 * after normalisation they stand in the text again, letter by letter.
 */
final class Annotations {
  private static final String MARK = "PRONPLACEHOLDER";

  private final String text;
  private final List<String> originals;

  private Annotations(String text, List<String> originals) {
    this.text = text;
    this.originals = originals;
  }

  /** Replaces every note by a placeholder. One pass over the text: a scan, no regular expression, as {@code <<<<…} must stay cheap. */
  static Annotations protect(String text) {
    int[] bar = next(text, "|>\n");
    int[] close = next(text, ">\n");
    StringBuilder out = new StringBuilder(text.length());
    List<String> originals = new ArrayList<>();
    int i = 0;
    while (i < text.length()) {
      int end = text.charAt(i) == '<' ? endOfNote(text, bar, close, i) : -1;
      if (end < 0) {
        out.append(text.charAt(i++));
      } else {
        out.append(MARK).append(LetterIndex.name(originals.size())).append(MARK);
        originals.add(text.substring(i, end));
        i = end;
      }
    }
    return new Annotations(out.toString(), originals);
  }

  String text() {
    return text;
  }

  /** Puts the notes back into a normalised text. */
  String restore(String normalized) {
    if (originals.isEmpty()) {
      return normalized;
    }
    StringBuilder out = new StringBuilder(normalized.length());
    int i = 0;
    while (i < normalized.length()) {
      int start = normalized.indexOf(MARK, i);
      int after = start < 0 ? -1 : normalized.indexOf(MARK, start + MARK.length());
      if (after < 0) {
        break;
      }
      int note = LetterIndex.index(normalized, start + MARK.length(), after, originals.size());
      out.append(normalized, i, start);
      if (note >= 0) {
        out.append(originals.get(note));
        i = after + MARK.length();
      } else {
        out.append(MARK.charAt(0));
        i = start + 1;
      }
    }
    return out.append(normalized, i, normalized.length()).toString();
  }

  /** For each position, the next one at or after it that holds one of the given characters; the length of the text if none does. */
  private static int[] next(String text, String characters) {
    int[] next = new int[text.length() + 1];
    next[text.length()] = text.length();
    for (int i = text.length() - 1; i >= 0; i--) {
      next[i] = characters.indexOf(text.charAt(i)) >= 0 ? i : next[i + 1];
    }
    return next;
  }

  /** The end of the note that begins at a {@code <}; -1 if none does. */
  private static int endOfNote(String text, int[] nextBar, int[] nextClose, int start) {
    int bar = nextBar[start + 1];
    if (bar == text.length() || bar == start + 1 || text.charAt(bar) != '|') {
      return -1;
    }
    int close = nextClose[bar + 1];
    boolean closed = close < text.length() && close > bar + 1 && text.charAt(close) == '>';
    return closed ? close + 1 : -1;
  }
}
