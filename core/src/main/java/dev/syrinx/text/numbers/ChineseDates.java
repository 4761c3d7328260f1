package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.Rule.group;

import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;

/** Dates, years, times of day and ratios. */
final class ChineseDates {
  private static final String TO = "(?:\\s?[-~～—–]\\s?|至|到)";
  private static final String TIME = "(\\d{1,2}):([0-5]\\d)(?::([0-5]\\d))?(?:\\s?([aApP])\\.?[mM](?![A-Za-z])\\.?)?";

  private ChineseDates() {}

  static List<Rule> rules() {
    return List.of(
        Rule.maybe("(?<![\\d./-])([12]\\d{3})[-/.](\\d{1,2})[-/.](\\d{1,2})(?:日|号)?(?![\\d/-])", ChineseDates::numeric),
        Rule.maybe("(?<![\\d./-])([12]\\d{3})[-/](\\d{1,2})(?=月|$|[，。,;；）)])", m -> month(m.group(1), m.group(2))),
        Rule.of("(?<!\\d)([12]\\d{3})" + TO + "([12]\\d{3})年", m -> digits(m.group(1)) + "到" + digits(m.group(2)) + "年"),
        Rule.of("(?<![\\d.,])(\\d{4})年(?!代)", m -> (isCount(m.group(1)) ? ChineseNumbers.number(m.group(1)) : digits(m.group(1))) + "年"),
        Rule.of("(?<![\\d.,])(\\d{4})年代", m -> digits(m.group(1)) + "年代"),
        Rule.of("(?<![\\d.,])(0\\d|[7-9]\\d|\\d\\d(?=年\\d{1,2}月))年(?!代)", m -> digits(m.group(1)) + "年"),
        Rule.of("(?<![\\d.,])(\\d{1,2})月(?:(\\d{1,2})" + TO + ")?(\\d{1,2})(日|号)", m -> cardinal(m.group(1)) + "月"
            + (group(m, 2).isEmpty() ? "" : cardinal(m.group(2)) + "到") + cardinal(m.group(3)) + m.group(4)),
        Rule.of("(?<![\\d.,])(\\d{1,2})(月(?!球|饼|亮)|日|号)", m -> cardinal(m.group(1)) + m.group(2)));
  }

  static List<Rule> times() {
    return List.of(
        Rule.maybe("(?<![\\d:.])" + TIME + TO + TIME + "(?![\\d:])",
            m -> time(m, 1).flatMap(from -> time(m, 5).map(to -> from + "到" + to))),
        Rule.maybe("(?<=比分|比分为|比分是|以)\\s?(\\d{1,3})[-:](\\d{1,3})(?![\\d:-])", ChineseDates::ratio),
        Rule.maybe("(?<![\\d:.])" + TIME + "(?![\\d:])", m -> time(m, 1)),
        Rule.maybe("(?<![\\d:.])(\\d{1,9}):(\\d{1,9})(?![\\d:])", ChineseDates::ratio),
        Rule.maybe("(?<![\\d:.-])(\\d{1,3})-(\\d{1,3})(?=战胜|击败|险胜|大胜|完胜|逆转|领先|落后|战平|不敌|负于)", ChineseDates::ratio));
  }

  private static Optional<String> numeric(MatchResult m) {
    Optional<String> month = month(m.group(1), m.group(2));
    int day = Integer.parseInt(m.group(3));
    return day < 1 || day > 31 ? Optional.empty() : month.map(words -> words + "月" + cardinal(m.group(3)) + "日");
  }

  private static Optional<String> month(String year, String month) {
    int number = Integer.parseInt(month);
    return number < 1 || number > 12 ? Optional.empty() : Optional.of(digits(year) + "年" + cardinal(month));
  }

  private static Optional<String> ratio(MatchResult m) {
    return Optional.of(ChineseNumbers.number(m.group(1)) + "比" + ChineseNumbers.number(m.group(2)));
  }

  /** Hours, minutes, seconds and the half of the day, in four groups from the given one on. */
  private static Optional<String> time(MatchResult m, int first) {
    int hour = Integer.parseInt(m.group(first));
    if (hour > 24) {
      return Optional.empty();
    }
    String half = group(m, first + 3);
    String seconds = group(m, first + 2);
    String minutes = m.group(first + 1);
    String words = (half.isEmpty() ? "" : half.equalsIgnoreCase("a") ? "上午" : "下午") + ChineseNumbers.counted(String.valueOf(hour)) + "点";
    if (!minutes.equals("00") || !seconds.isEmpty()) {
      words += (minutes.equals("00") ? "零" : ChineseNumbers.twoDigits(minutes)) + "分";
    }
    return Optional.of(words + (seconds.isEmpty() ? "" : (seconds.equals("00") ? "零" : ChineseNumbers.twoDigits(seconds)) + "秒"));
  }

  /** Round thousands before 年 count years, except the year 2000. */
  private static boolean isCount(String year) {
    return year.endsWith("000") && !year.equals("2000");
  }

  private static String cardinal(String number) {
    return ChineseNumbers.cardinal(number);
  }

  private static String digits(String year) {
    return ChineseNumbers.digits(year);
  }
}
