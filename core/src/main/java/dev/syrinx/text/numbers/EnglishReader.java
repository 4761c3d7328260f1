package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.EnglishNumbers.NUMBER;
import static dev.syrinx.text.numbers.Rule.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All English rules, in order: what is most particular comes first. */
final class EnglishReader {
  private static final Map<Character, String> VULGAR = Map.of('½', "1/2", '¼', "1/4", '¾', "3/4", '⅓', "1/3", '⅔', "2/3", '⅛', "1/8",
      '⅜', "3/8", '⅝', "5/8", '⅞', "7/8", '⅕', "1/5");
  private static final String NO_NUMBER_BEFORE = "(?<![\\d.,/-])";

  private static final List<Rule> RULES = rules();

  private EnglishReader() {}

  static String read(String text) {
    return Rule.applyAll(RULES, text, true);
  }

  private static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>(WebAddresses.rules());
    rules.addAll(EnglishDates.dates());
    rules.addAll(EnglishDates.times());
    rules.addAll(phones());
    rules.addAll(EnglishDates.decades());
    rules.addAll(EnglishQuantities.rules());
    rules.addAll(forms());
    rules.addAll(EnglishDates.years());
    rules.addAll(plain());
    return List.copyOf(rules);
  }

  private static List<Rule> phones() {
    return List.of(
        Rule.of("(?<![\\d+.-])\\+?\\d{1,3}[ -]\\(?\\d{3}\\)?[ -]\\d{3}[ -]\\d{4}(?![\\d-])", m -> grouped(m.group())),
        Rule.of("(?<!\\d)\\(\\d{3}\\) ?\\d{3}[ -]\\d{4}(?![\\d-])", m -> grouped(m.group())),
        Rule.of("(?<![\\d.,-])\\d{3}[-. ]\\d{3}[-.]\\d{4}(?![\\d-])", m -> grouped(m.group())),
        Rule.of("(?<![\\d.,-])\\d{3}-\\d{2}-\\d{4}(?![\\d-])", m -> grouped(m.group())),
        Rule.of("(?<![\\d.,-])\\d{3}-\\d{4}(?![\\d-])", m -> grouped(m.group())),
        Rule.of("(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\d.]*+\\d)", m -> dotted(m.group(), true)),
        Rule.of("(?<![\\d.])\\d{1,4}(?:\\.\\d{1,4}){2,8}+(?!\\d)", m -> dotted(m.group(), false)));
  }

  private static List<Rule> forms() {
    return List.of(
        Rule.of("(?i)" + NO_NUMBER_BEFORE + "(\\d{1,3}(?:,\\d{3})++|\\d++)(?:st|nd|rd|th)\\b", m -> EnglishNumbers.ordinal(m.group(1))),
        Rule.of("(\\d)?([½¼¾⅓⅔⅛⅜⅝⅞⅕])", m -> group(m, 1) + (group(m, 1).isEmpty() ? "" : " ") + VULGAR.get(m.group(2).charAt(0))),
        Rule.of(NO_NUMBER_BEFORE + "24/7(?![\\d/])", m -> "twenty four seven"),
        Rule.maybe(NO_NUMBER_BEFORE + "(\\d{1,4})\\s(\\d{1,3})/(\\d{1,3})(?![\\d/]|\\.\\d)",
            m -> Integer.parseInt(m.group(2)) >= Integer.parseInt(m.group(3))
                ? Optional.empty()
                : Optional.of(EnglishNumbers.number(m.group(1)) + " and " + fraction(m.group(2), m.group(3)))),
        Rule.of(NO_NUMBER_BEFORE + "(\\d{1,9})/(\\d{1,9})(?![\\d/]|\\.\\d)", m -> fraction(m.group(1), m.group(2))),
        Rule.of("\\bNo\\.\\s?(?=\\d)", m -> "number "),
        Rule.of("(?<!\\w)#(?=\\d)", m -> "number "),
        Rule.of("(?<=\\d)\\s?\\+\\s?(?=\\d)", m -> " plus "),
        Rule.of("(?<=\\d)\\s?[×*]\\s?(?=\\d)", m -> " times "),
        Rule.of("(?<=\\d)\\s?÷\\s?(?=\\d)", m -> " divided by "),
        Rule.of("(?<=\\d)\\s[-−]\\s(?=\\d)", m -> " minus "),
        Rule.of("(?<=[\\d\\w])\\s?=\\s?(?=[-\\d\\w])", m -> " equals "));
  }

  private static List<Rule> plain() {
    return List.of(
        Rule.of("(?<![\\d.,\\w-])(" + NUMBER + ")\\s?[-–—]\\s?(" + NUMBER + ")(?![\\d-]|[.,]\\d)",
            m -> EnglishNumbers.number(m.group(1)) + " to " + EnglishNumbers.number(m.group(2))),
        Rule.of("(?<![\\w.,)\\]>'\"-])[-−](?=\\.?\\d)", m -> "minus "),
        Rule.of("(?<![\\d.,])" + NUMBER, m -> EnglishNumbers.number(m.group())),
        Rule.of("(?<![\\w.])\\.(\\d++)", m -> "point " + EnglishNumbers.digits(m.group(1))),
        Rule.of("\\d++", m -> EnglishNumbers.number(m.group())),
        Rule.of("\\bMr\\.(?=\\s)", m -> "Mister"),
        Rule.of("\\bMrs\\.(?=\\s)", m -> "Missus"),
        Rule.of("\\bDr\\.(?=\\s[A-Z])", m -> "Doctor"),
        Rule.of("\\bProf\\.(?=\\s[A-Z])", m -> "Professor"),
        Rule.of("\\bvs\\.?(?=\\s)", m -> "versus"),
        Rule.of("\\be\\.g\\.(?=[\\s,])", m -> "for example"),
        Rule.of("\\bi\\.e\\.(?=[\\s,])", m -> "that is"),
        Rule.of("(?<=\\w) & (?=\\w)", m -> " and "));
  }

  /** Digits group by group, with pauses between the groups. */
  private static String grouped(String number) {
    String digits = number.replaceAll("\\D++", " ").strip();
    return (number.startsWith("+") ? "plus " : "")
        + String.join(", ", List.of(digits.split(" ")).stream().map(EnglishNumbers::digits).toList());
  }

  private static String dotted(String number, boolean digitByDigit) {
    return String.join(digitByDigit ? " dot " : " point ", List.of(number.split("\\.")).stream()
        .map(part -> digitByDigit ? EnglishNumbers.digits(part) : EnglishNumbers.number(part)).toList());
  }

  private static String fraction(String over, String under) {
    long numerator = Long.parseLong(over);
    long denominator = Long.parseLong(under);
    if (denominator < 2 || denominator > 100 || numerator > 100 || over.startsWith("0") || under.startsWith("0")) {
      return EnglishNumbers.number(over) + " over " + EnglishNumbers.number(under);
    }
    String part = denominator == 2 ? "half" : denominator == 4 ? "quarter" : EnglishNumbers.ordinal(under);
    String parts = denominator == 2 ? "halves" : part + "s";
    return EnglishNumbers.number(over) + " " + (numerator == 1 ? part : parts);
  }
}
