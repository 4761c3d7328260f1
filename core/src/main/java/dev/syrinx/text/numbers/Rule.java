package dev.syrinx.text.numbers;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one kind of expression.
 *
 * @param pattern what it looks like
 * @param reading its words; empty leaves the text as it is, for a later rule
 */
record Rule(Pattern pattern, Function<MatchResult, Optional<String>> reading) {
  static Rule of(String expression, Function<MatchResult, String> reading) {
    return new Rule(Pattern.compile(expression), match -> Optional.of(reading.apply(match)));
  }

  static Rule maybe(String expression, Function<MatchResult, Optional<String>> reading) {
    return new Rule(Pattern.compile(expression), reading);
  }

  /** Applies rules one after the other. With spaces, words are kept apart from letters and digits beside them. */
  static String applyAll(List<Rule> rules, String text, boolean spaces) {
    String result = text;
    for (Rule rule : rules) {
      result = rule.apply(result, spaces);
    }
    return result;
  }

  private String apply(String text, boolean spaces) {
    Matcher matcher = pattern.matcher(text);
    StringBuilder out = new StringBuilder(text.length() + 32);
    int end = 0;
    while (matcher.find()) {
      Optional<String> words = reading.apply(matcher);
      if (words.isEmpty()) {
        continue;
      }
      out.append(text, end, matcher.start());
      boolean before = spaces && matcher.start() > 0 && Character.isLetterOrDigit(text.charAt(matcher.start() - 1));
      boolean after = spaces && matcher.end() < text.length() && Character.isLetterOrDigit(text.charAt(matcher.end()));
      String spoken = words.get();
      out.append(before && Character.isLetterOrDigit(spoken.charAt(0)) ? " " : "").append(spoken);
      out.append(after && Character.isLetterOrDigit(spoken.charAt(spoken.length() - 1)) ? " " : "");
      end = matcher.end();
    }
    return out.append(text, end, text.length()).toString();
  }

  /** A group that takes no part in a match is the empty text. */
  static String group(MatchResult match, int group) {
    return match.group(group) == null ? "" : match.group(group);
  }
}
