package dev.syrinx.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Items of a text that stand as {@code <kind_a>}, {@code <kind_b>}, … while numbers are read. */
final class Placeholders {
  private final String opening;
  private final List<String> items = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();

  Placeholders(String kind) {
    this.opening = "<" + kind + "_";
  }

  /** The placeholder of an item, the same one for equal items. */
  String placeholder(String item) {
    return names.computeIfAbsent(item, key -> {
      items.add(key);
      return opening + LetterIndex.name(items.size() - 1) + ">";
    });
  }

  /** Puts the items back, each after the given change. */
  String restore(String text, UnaryOperator<String> change) {
    if (items.isEmpty()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    for (int start = text.indexOf(opening); start >= 0; start = text.indexOf(opening, i)) {
      out.append(text, i, start);
      i = start + opening.length();
      int end = text.indexOf('>', i);
      int item = end < 0 ? -1 : LetterIndex.index(text, i, end, items.size());
      if (item >= 0) {
        out.append(change.apply(items.get(item)));
        i = end + 1;
      } else {
        out.append(opening);
      }
    }
    return out.append(text, i, text.length()).toString();
  }
}
