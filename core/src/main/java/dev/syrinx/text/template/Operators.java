package dev.syrinx.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Arithmetic, comparison and membership. */
final class Operators {
  private static final Set<String> DIVISIONS = Set.of("/", "//", "%");

  private final Problems problems;

  Operators(Problems problems) {
    this.problems = problems;
  }

  Object apply(String operator, Object left, Object right, int line) {
    return switch (operator) {
      case "==" -> Values.equal(left, right);
      case "!=" -> !Values.equal(left, right);
      case "<", "<=", ">", ">=" -> compare(operator, left, right, line);
      case "in" -> contains(right, left, line);
      case "~" -> plus(problems.text(left, line), problems.text(right, line), line);
      case "+" -> plus(left, right, line);
      case "-", "*", "/", "//", "%" -> arithmetic(operator, left, right, line);
      default -> throw problems.at(line, "the operator " + operator + " is not understood");
    };
  }

  private boolean compare(String operator, Object left, Object right, int line) {
    int order;
    if (left instanceof String a && right instanceof String b) {
      order = a.compareTo(b);
    } else if (Values.isNumber(left) && Values.isNumber(right)) {
      order = Double.compare(Values.number(left), Values.number(right));
    } else {
      throw mismatch(operator, left, right, line);
    }
    return switch (operator) {
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      default -> order >= 0;
    };
  }

  private boolean contains(Object holder, Object value, int line) {
    return switch (holder) {
      case String text when value instanceof String part -> text.contains(part);
      case List<?> list -> list.stream().anyMatch(item -> Values.equal(item, value));
      case Map<?, ?> map -> map.containsKey(value);
      case Absent.UNDEFINED -> false;
      default -> throw mismatch("in", value, holder, line);
    };
  }

  private Object plus(Object left, Object right, int line) {
    if (left instanceof String a && right instanceof String b) {
      problems.fits((long) a.length() + b.length(), line);
      return a + b;
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      problems.fits((long) a.size() + b.size(), line);
      List<Object> both = new ArrayList<>(a);
      both.addAll(b);
      return both;
    }
    return arithmetic("+", left, right, line);
  }

  private Object arithmetic(String operator, Object left, Object right, int line) {
    if (!Values.isNumber(left) || !Values.isNumber(right)) {
      throw mismatch(operator, left, right, line);
    }
    double divisor = Values.number(right);
    if (DIVISIONS.contains(operator) && divisor == 0) {
      throw problems.at(line, "a division by zero");
    }
    if (left instanceof Long a && right instanceof Long b && !operator.equals("/")) {
      return integers(operator, a, b, line);
    }
    double a = Values.number(left);
    return switch (operator) {
      case "+" -> a + divisor;
      case "-" -> a - divisor;
      case "*" -> a * divisor;
      case "/" -> a / divisor;
      case "//" -> Math.floor(a / divisor);
      default -> a - divisor * Math.floor(a / divisor);
    };
  }

  private Object integers(String operator, long a, long b, int line) {
    try {
      return switch (operator) {
        case "+" -> Math.addExact(a, b);
        case "-" -> Math.subtractExact(a, b);
        case "*" -> Math.multiplyExact(a, b);
        case "//" -> Math.floorDiv(a, b);
        default -> Math.floorMod(a, b);
      };
    } catch (ArithmeticException e) {
      throw problems.at(line, "the result of " + a + " " + operator + " " + b + " is too large");
    }
  }

  private RuntimeException mismatch(String operator, Object left, Object right, int line) {
    return problems.at(line, "'" + operator + "' does not work between " + Values.kind(left) + " and " + Values.kind(right));
  }
}
