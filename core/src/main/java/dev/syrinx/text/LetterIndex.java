package dev.syrinx.text;

/** Counts with letters: a, b, …, z, aa, ab, …: names for placeholders that no reader of numbers touches. */
final class LetterIndex {
  private LetterIndex() {}

  static String name(int index) {
    StringBuilder name = new StringBuilder();
    for (int n = index; n >= 0; n = n / 26 - 1) {
      name.append((char) ('a' + n % 26));
    }
    return name.reverse().toString();
  }

  /** The index of a name below {@code limit}; -1 for anything else. */
  static int index(String text, int start, int end, int limit) {
    long count = 0;
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c < 'a' || c > 'z' || count > limit) {
        return -1;
      }
      count = count * 26 + (c - 'a' + 1);
    }
    return count >= 1 && count <= limit ? (int) count - 1 : -1;
  }
}
