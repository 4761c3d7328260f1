package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Opaque;
import dev.syrinx.weights.TorchValue.Real;
import dev.syrinx.weights.TorchValue.Text;
import dev.syrinx.weights.TorchValue.Truth;
import dev.syrinx.weights.TorchValue.Whole;

/** The readable instructions of pickle protocol 0. */
final class PickleText {
  private PickleText() {}

  static TorchValue number(int code, PickleInput in) {
    String line = in.line();
    try {
      if (code == 'F') {
        return new Real(Double.parseDouble(line));
      }
      if (code == 'I' && (line.equals("00") || line.equals("01"))) {
        return new Truth(line.equals("01"));
      }
      String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
      return digits.length() > 20 && digits.matches("-?[0-9]+") ? new Opaque("integer of many digits") : new Whole(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      throw new CheckpointException(in.error("'" + printable(line) + "' is no number").getMessage(), e);
    }
  }

  static long index(PickleInput in) {
    return number('I', in) instanceof Whole(long value) ? value : -1;
  }

  /** A string in Python's notation ('S', quoted) or raw-unicode-escape ('V'). Of the escapes, the common ones are known. */
  static TorchValue string(int code, PickleInput in) {
    String line = in.line();
    if (code == 'V') {
      return new Text(unescape(line, false, in));
    }
    String trimmed = line.strip();
    char quote = trimmed.isEmpty() ? 0 : trimmed.charAt(0);
    if (trimmed.length() < 2 || (quote != '\'' && quote != '"') || trimmed.charAt(trimmed.length() - 1) != quote) {
      throw in.error("a string without quotes");
    }
    return new Text(unescape(trimmed.substring(1, trimmed.length() - 1), true, in));
  }

  /** A name from a stranger, fit for a message: one line, no control characters, not endless. */
  static String printable(String text) {
    String start = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return start.replaceAll("\\p{Cntrl}", "?");
  }

  private static String unescape(String text, boolean all, PickleInput in) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        plain.append(c);
        continue;
      }
      char kind = text.charAt(i + 1);
      int digits = kind == 'u' ? 4 : kind == 'U' ? 8 : kind == 'x' && all ? 2 : 0;
      if (digits > 0) {
        plain.appendCodePoint(hex(text, i + 2, digits, in));
        i += 1 + digits;
      } else if (all) {
        plain.append(simple(kind, in));
        i++;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static char simple(char kind, PickleInput in) {
    return switch (kind) {
      case '\\', '\'', '"' -> kind;
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> throw in.error("the escape \\" + printable(String.valueOf(kind)) + " in a string");
    };
  }

  private static int hex(String text, int from, int digits, PickleInput in) {
    try {
      int value = from + digits <= text.length() ? Integer.parseInt(text.substring(from, from + digits), 16) : -1;
      if (Character.isValidCodePoint(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new CheckpointException(in.error("an escape that is no number").getMessage(), e);
    }
    throw in.error("an escape that is no character");
  }
}
