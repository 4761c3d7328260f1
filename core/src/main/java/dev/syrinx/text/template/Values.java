package dev.syrinx.text.template;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/** Python's view of values: what is true, equal, smaller, and how things are written. */
final class Values {
  private Values() {}

  static boolean truth(Object value) {
    return switch (value) {
      case Absent none -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case Collection<?> c -> !c.isEmpty();
      case Map<?, ?> m -> !m.isEmpty();
      default -> true;
    };
  }

  static boolean equal(Object left, Object right) {
    boolean numbers = (left instanceof Number || left instanceof Boolean) && (right instanceof Number || right instanceof Boolean);
    return numbers ? number(left) == number(right) : left.equals(right);
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double;
  }

  static double number(Object value) {
    return value instanceof Boolean b ? (b ? 1 : 0) : ((Number) value).doubleValue();
  }

  /** Python's name for the kind of a value, for messages. */
  static String kind(Object value) {
    return switch (value) {
      case Absent.NONE -> "none";
      case Absent.UNDEFINED -> "an undefined value";
      case Boolean b -> "a truth value";
      case Long n -> "an integer";
      case Double d -> "a number";
      case String s -> "text";
      case Collection<?> c -> "a list";
      default -> "a mapping";
    };
  }

  /** JSON as Python writes it, with no escapes beyond the needed ones. */
  static void json(Object value, StringBuilder out, IntConsumer limit) {
    limit.accept(out.length());
    switch (value) {
      case Absent none -> out.append("null");
      case String s -> quoted(s, out);
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          out.append(i == 0 ? "" : ", ");
          json(list.get(i), out, limit);
        }
        out.append(']');
      }
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          quoted(String.valueOf(entry.getKey()), out);
          out.append(": ");
          json(entry.getValue(), out, limit);
          separator = ", ";
        }
        out.append('}');
      }
      default -> out.append(value);
    }
  }

  private static void quoted(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int known = "\"\\\n\r\t\b\f".indexOf(c);
      if (known >= 0) {
        out.append('\\').append("\"\\nrtbf".charAt(known));
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
