package dev.syrinx.weights;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Messages about names that are not there. */
final class Names {
  private static final int SHOWN = 12;

  private Names() {}

  /** The error for a tensor that a source lacks; it shows the names that look most alike, since a renamed layer is the usual cause. */
  static CheckpointException missing(String name, WeightSource source) {
    List<String> alike = alike(name, source.names());
    String hint = alike.isEmpty() ? "" : "; it has " + String.join(", ", alike);
    return new CheckpointException(
        "%s: no tensor '%s' among its %d%s".formatted(source.origin(), name, source.names().size(), hint));
  }

  /** At most a dozen names and how many more there are. */
  static String some(Collection<String> names) {
    List<String> shown = new ArrayList<>(names.stream().limit(SHOWN).toList());
    if (names.size() > SHOWN) {
      shown.add("and " + (names.size() - SHOWN) + " more");
    }
    return String.join(", ", shown);
  }

  private static List<String> alike(String name, Collection<String> names) {
    return names.stream().sorted(Comparator.comparingInt((String other) -> -common(name, other))).limit(3).toList();
  }

  private static int common(String a, String b) {
    int limit = Math.min(a.length(), b.length());
    int head = 0;
    while (head < limit && a.charAt(head) == b.charAt(head)) {
      head++;
    }
    int tail = 0;
    while (tail < limit - head && a.charAt(a.length() - 1 - tail) == b.charAt(b.length() - 1 - tail)) {
      tail++;
    }
    return head + tail;
  }
}
