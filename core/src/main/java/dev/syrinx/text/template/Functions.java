package dev.syrinx.text.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Methods of texts and mappings, filters and tests that templates may use. */
final class Functions {
  private final Problems problems;

  Functions(Problems problems) {
    this.problems = problems;
  }

  Object method(Object target, String name, List<Object> arguments, int line) {
    if (target instanceof String text) {
      return textMethod(text, name, arguments, line);
    }
    if (target instanceof Map<?, ?> map) {
      return mapMethod(map, name, arguments, line);
    }
    throw problems.at(line, "the method '" + name + "' of " + Values.kind(target) + " is not understood");
  }

  private Object textMethod(String text, String name, List<Object> arguments, int line) {
    int count = arguments.size();
    return switch (name) {
      case "startswith" -> options(arguments, name, line).stream().anyMatch(text::startsWith);
      case "endswith" -> options(arguments, name, line).stream().anyMatch(text::endsWith);
      case "strip", "lstrip", "rstrip" -> strip(text, count == 0 ? "" : problems.string(arguments.getFirst(), name, line), name);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "split" -> split(text, arguments, line);
      case "replace" -> {
        String replacement = problems.string(argument(arguments, 1, name, line), name, line);
        problems.fits((text.length() + 1L) * replacement.length(), line);
        yield text.replace(problems.string(argument(arguments, 0, name, line), name, line), replacement);
      }
      case "join" -> join(argument(arguments, 0, name, line), text, line);
      default -> throw problems.at(line, "the method '" + name + "' of text is not understood");
    };
  }

  private Object mapMethod(Map<?, ?> map, String name, List<Object> arguments, int line) {
    return switch (name) {
      case "get" -> {
        Object value = map.get(argument(arguments, 0, name, line));
        yield value != null ? value : arguments.size() > 1 ? arguments.get(1) : Absent.NONE;
      }
      case "keys" -> List.copyOf(map.keySet());
      case "values" -> List.copyOf(map.values());
      case "items" -> items(map);
      default -> throw problems.at(line, "the method '" + name + "' of a mapping is not understood");
    };
  }

  Object filter(Object value, String name, List<Object> arguments, int line) {
    return switch (name) {
      case "length", "count" -> length(value, line);
      case "trim" -> strip(problems.text(value, line),
          arguments.isEmpty() ? "" : problems.string(arguments.getFirst(), name, line), "strip");
      case "upper" -> problems.text(value, line).toUpperCase(Locale.ROOT);
      case "lower" -> problems.text(value, line).toLowerCase(Locale.ROOT);
      case "string" -> problems.text(value, line);
      case "tojson" -> {
        if (!arguments.isEmpty()) {
          throw problems.at(line, "arguments of tojson are not understood");
        }
        StringBuilder out = new StringBuilder();
        Values.json(value, out, length -> problems.fits(length, line));
        yield out.toString();
      }
      case "first" -> Sequences.at(list(value, line), 0);
      case "last" -> Sequences.at(list(value, line), -1);
      case "list" -> list(value, line);
      case "items" -> value instanceof Map<?, ?> map ? items(map) : List.of();
      case "join" -> join(value, arguments.isEmpty() ? "" : problems.text(arguments.getFirst(), line), line);
      case "default", "d" -> {
        boolean missing = value == Absent.UNDEFINED || (arguments.size() > 1 && Values.truth(arguments.get(1)) && !Values.truth(value));
        yield missing ? (arguments.isEmpty() ? "" : arguments.getFirst()) : value;
      }
      case "replace" -> textMethod(problems.text(value, line), name, arguments, line);
      default -> throw problems.at(line, "the filter '" + name + "' is not understood");
    };
  }

  boolean test(Object value, String name, List<Object> arguments, int line) {
    return switch (name) {
      case "defined" -> value != Absent.UNDEFINED;
      case "undefined" -> value == Absent.UNDEFINED;
      case "none" -> value == Absent.NONE;
      case "string" -> value instanceof String;
      case "mapping" -> value instanceof Map;
      case "sequence", "iterable" -> value instanceof String || value instanceof List || value instanceof Map || value == Absent.UNDEFINED;
      case "number" -> Values.isNumber(value) || value instanceof Boolean;
      case "integer" -> value instanceof Long;
      case "boolean" -> value instanceof Boolean;
      case "true" -> Boolean.TRUE.equals(value);
      case "false" -> Boolean.FALSE.equals(value);
      case "equalto", "eq", "sameas" -> Values.equal(value, argument(arguments, 0, name, line));
      default -> throw problems.at(line, "the test '" + name + "' is not understood");
    };
  }

  /** The items of anything that can be walked over; a text gives its characters, a mapping its keys. */
  List<Object> list(Object value, int line) {
    return switch (value) {
      case String text -> Sequences.of(text);
      case List<?> list -> new ArrayList<>(list);
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case Absent.UNDEFINED -> List.of();
      default -> throw problems.at(line, "cannot walk over " + Values.kind(value));
    };
  }

  private long length(Object value, int line) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    return list(value, line).size();
  }

  private List<String> options(List<Object> arguments, String name, int line) {
    Object option = argument(arguments, 0, name, line);
    List<?> all = option instanceof List<?> list ? list : List.of(option);
    return all.stream().map(item -> problems.string(item, name, line)).toList();
  }

  private Object argument(List<Object> arguments, int index, String name, int line) {
    if (index >= arguments.size()) {
      throw problems.at(line, "'" + name + "' lacks an argument");
    }
    return arguments.get(index);
  }

  private static String strip(String text, String characters, String side) {
    int start = 0;
    int end = text.length();
    while (!side.equals("rstrip") && start < end && strips(text.charAt(start), characters)) {
      start++;
    }
    while (!side.equals("lstrip") && end > start && strips(text.charAt(end - 1), characters)) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean strips(char c, String characters) {
    return characters.isEmpty() ? Character.isWhitespace(c) || Character.isSpaceChar(c) : characters.indexOf(c) >= 0;
  }

  private List<Object> split(String text, List<Object> arguments, int line) {
    if (arguments.isEmpty()) {
      String stripped = strip(text, "", "strip");
      return stripped.isEmpty() ? List.of() : List.of((Object[]) stripped.split("\\s+"));
    }
    String separator = problems.string(arguments.getFirst(), "split", line);
    long most = arguments.size() > 1 ? problems.integer(arguments.get(1), "split", line) : -1;
    if (separator.isEmpty()) {
      throw problems.at(line, "split wants a separator");
    }
    int limit = most < 0 || most >= Integer.MAX_VALUE ? -1 : (int) most + 1;
    return List.of((Object[]) text.split(Pattern.quote(separator), limit));
  }

  private String join(Object items, String separator, int line) {
    List<String> parts = list(items, line).stream().map(item -> problems.text(item, line)).toList();
    problems.fits(parts.stream().mapToLong(part -> part.length() + separator.length()).sum(), line);
    return String.join(separator, parts);
  }

  private static List<Object> items(Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(Arrays.<Object>asList(key, value)));
    return items;
  }

  /** Numbers from start to stop, as {@code range} gives them. */
  List<Object> range(List<Object> arguments, int most, int line) {
    long start = arguments.size() > 1 ? problems.integer(arguments.getFirst(), "range", line) : 0;
    long stop = problems.integer(argument(arguments, arguments.size() > 1 ? 1 : 0, "range", line), "range", line);
    long step = arguments.size() > 2 ? problems.integer(arguments.get(2), "range", line) : 1;
    if (step == 0) {
      throw problems.at(line, "range wants a step that is not 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      if (numbers.size() == most) {
        throw problems.at(line, "range gives more than " + most + " numbers");
      }
      numbers.add(i);
    }
    return numbers;
  }
}
