package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.Rule.group;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;

/** Dates, years and times of day. */
final class EnglishDates {
  private static final List<String> MONTHS = List.of("January", "February", "March", "April", "May", "June", "July", "August",
      "September", "October", "November", "December");
  private static final String MONTH = "(January|February|March|April|May|June|July|August|September|October|November|December"
      + "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\\.?";
  private static final String YEAR = "([12]\\d{3})(?![\\d,]\\d|\\d)";
  private static final String YEAR_WORDS =
      "(?i:in|since|by|from|until|till|before|after|year|during|around|circa|of|to|through|mid|early|late|and|between)";
  private static final String PLURAL = "(?!\\s[a-z]++(?<=s)(?<! was| is| has| as| this| his| its| does)\\b)";
  private static final String HALF = "\\s?([AaPp])\\.?[Mm]\\b(\\.?)";

  private EnglishDates() {}

  static List<Rule> dates() {
    return List.of(
        Rule.maybe("(?<![\\d./-])([12]\\d{3})[-/.](\\d{1,2})[-/.](\\d{1,2})(?![\\d/-])",
            m -> date(m.group(1), m.group(2), m.group(3))),
        Rule.maybe("(?<![\\d./-])(\\d{1,2})/(\\d{1,2})/([12]\\d{3}|\\d{2})(?![\\d/])", EnglishDates::slashed),
        Rule.maybe("(?<![\\d./-])(\\d{1,2})[.-](\\d{1,2})[.-]([12]\\d{3})(?![\\d-])", m -> date(m.group(3), m.group(2), m.group(1))),
        Rule.maybe("\\b" + MONTH + "\\s(\\d{1,2})(?:st|nd|rd|th)?(?:,?\\s" + YEAR + ")?(?![\\d:]|[.,]\\d)",
            m -> day(m.group(2)).map(day -> month(m.group(1)) + " " + day + comma(group(m, 3)))),
        Rule.maybe("(?<![\\d.])(?:\\b[Tt]he\\s)?(\\d{1,2})(?:st|nd|rd|th)?\\s(?:of\\s)?" + MONTH + "\\b(?:,?\\s" + YEAR + ")?",
            m -> day(m.group(1)).map(day -> "the " + day + " of " + month(m.group(2)) + comma(group(m, 3)))),
        Rule.of("\\b" + MONTH + ",?\\s" + YEAR, m -> month(m.group(1)) + " " + EnglishNumbers.year(m.group(2))));
  }

  static List<Rule> decades() {
    return List.of(
        Rule.of("(?<![\\d.,])([12]\\d)(\\d)0s\\b", m -> m.group(2).equals("0")
            ? EnglishNumbers.year(m.group(1) + "00") + "s"
            : EnglishNumbers.cardinal(m.group(1)) + " " + tens(m.group(2))),
        Rule.of("(?<![\\d.,])['’]?([2-9])0s\\b", m -> tens(m.group(1))));
  }

  static List<Rule> years() {
    return List.of(
        Rule.of("(?<![\\d.,])([12]\\d{3})\\s?[-–—]\\s?(\\d{2}|[12]\\d{3})(?![\\d,]\\d|\\d|[-–])",
            m -> EnglishNumbers.year(m.group(1)) + " to " + EnglishNumbers.year(m.group(2))),
        Rule.of("(?<![\\d.,$€£-])(\\d{3,4})(?=\\s(?:BCE?|AD|CE)\\b)", m -> EnglishNumbers.year(m.group(1))),
        Rule.of("(?<=\\bAD\\s)(\\d{3,4})(?!\\d)", m -> EnglishNumbers.year(m.group(1))),
        Rule.of("(?<=\\b" + YEAR_WORDS + "[\\s-])(1[1-9]\\d{2}|20\\d{2})(?![\\d%]|[,.]\\d)" + PLURAL, m -> EnglishNumbers.year(m.group(1))),
        Rule.of("(?<![\\d.,$€£-])(19\\d{2}|20\\d{2})(?![\\d%]|[,.]\\d)" + PLURAL, m -> EnglishNumbers.year(m.group(1))));
  }

  static List<Rule> times() {
    return List.of(
        Rule.maybe("(?<![\\d:.])(\\d{1,2}):([0-5]\\d)(?::([0-5]\\d))?(?:" + HALF + ")?(?![\\d:])", EnglishDates::time),
        Rule.maybe("(?<![\\d:.,])(\\d{1,2})" + HALF, m -> hour(m.group(1)).map(hour -> hour + half(m, 2))));
  }

  private static Optional<String> slashed(MatchResult match) {
    boolean dayFirst = Integer.parseInt(match.group(1)) > 12;
    return date(match.group(3), match.group(dayFirst ? 2 : 1), match.group(dayFirst ? 1 : 2));
  }

  private static Optional<String> date(String year, String month, String day) {
    int number = Integer.parseInt(month);
    if (number < 1 || number > 12) {
      return Optional.empty();
    }
    return day(day).map(words -> MONTHS.get(number - 1) + " " + words + comma(year));
  }

  private static Optional<String> day(String day) {
    int number = Integer.parseInt(day);
    return number < 1 || number > 31 ? Optional.empty() : Optional.of(EnglishNumbers.ordinal(String.valueOf(number)));
  }

  private static String month(String written) {
    return MONTHS.stream().filter(month -> month.startsWith(written.substring(0, 3))).findFirst().orElseThrow();
  }

  private static String comma(String year) {
    return year.isEmpty() ? "" : ", " + EnglishNumbers.year(year);
  }

  private static String tens(String digit) {
    String words = EnglishNumbers.cardinal(digit + "0");
    return words.substring(0, words.length() - 1) + "ies";
  }

  private static Optional<String> time(MatchResult m) {
    String minutes = m.group(2);
    String seconds = group(m, 3);
    return hour(m.group(1)).map(hour -> {
      String words = hour;
      if (!minutes.equals("00") || !seconds.isEmpty()) {
        words += " " + (minutes.equals("00") ? "zero" : EnglishNumbers.twoDigits(minutes));
      } else if (group(m, 4).isEmpty()) {
        words += " o'clock";
      }
      return words + (seconds.isEmpty() ? "" : " and " + EnglishNumbers.number(seconds.replaceFirst("^0", "")) + " seconds") + half(m, 4);
    });
  }

  private static Optional<String> hour(String written) {
    int hour = Integer.parseInt(written);
    return hour > 24 ? Optional.empty() : Optional.of(EnglishNumbers.cardinal(String.valueOf(hour)));
  }

  /** "a.m." swallows the full stop of a sentence; where one could have been meant, one is left. */
  private static String half(MatchResult m, int letter) {
    if (group(m, letter).isEmpty()) {
      return "";
    }
    boolean abbreviated = m.group().contains(".m.") || m.group().contains(".M.");
    return " " + Character.toUpperCase(m.group(letter).charAt(0)) + "M" + (abbreviated ? "" : group(m, letter + 1));
  }
}
