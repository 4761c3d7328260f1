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

  /** Replaces every note by a placeholder. One pass over the text: a scan and not a regular expression, as {@code <<<<…} must stay cheap. */
  static Annotations protect(String text) {
    int[] stop = nextStops(text);
    StringBuilder out = new StringBuilder(text.length());
    List<String> originals = new ArrayList<>();
    int i = 0;
    while (i < text.length()) {
      int end = text.charAt(i) == '<' ? endOfNote(text, stop, i) : -1;
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

  /** For each position, the next one at or after it that holds {@code |}, {@code >} or a newline; length of the text if none. */
  private static int[] nextStops(String text) {
    int[] next = new int[text.length() + 1];
    next[text.length()] = text.length();
    for (int i = text.length() - 1; i >= 0; i--) {
      char c = text.charAt(i);
      next[i] = c == '|' || c == '>' || c == '\n' ? i : next[i + 1];
    }
    return next;
  }

  private static int endOfNote(String text, int[] stop, int start) {
    int bar = stop[start + 1];
    if (bar == text.length() || bar == start + 1 || text.charAt(bar) != '|') {
      return -1;
    }
    int end = stop[bar + 1];
    while (end < text.length() && text.charAt(end) == '|') {
      end = stop[end + 1];
    }
    boolean closed = end < text.length() && end > bar + 1 && text.charAt(end) == '>';
    return closed ? end + 1 : -1;
  }
}
