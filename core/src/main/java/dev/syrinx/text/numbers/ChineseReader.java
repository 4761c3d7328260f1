package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.ChineseNumbers.NUMBER;
import static dev.syrinx.text.numbers.Rule.group;

import java.util.ArrayList;
import java.util.List;

/** All Chinese rules, in order: what is most particular comes first. */
final class ChineseReader {
  private static final String NO_NUMBER_BEFORE = "(?<![\\d.,/-])";

  private static final List<Rule> RULES = rules();
  private static final List<Rule> ADDRESSES = WebAddresses.rules();

  private ChineseReader() {}

  static String read(String text) {
    String plain = ChineseScript.halfWidth(ChineseScript.simplify(text));
    return Rule.applyAll(RULES, Rule.applyAll(ADDRESSES, plain, true), false);
  }

  private static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>(ChineseDates.rules());
    rules.addAll(ChineseDates.times());
    rules.addAll(phones());
    rules.addAll(ChineseQuantities.rules());
    rules.addAll(forms());
    return List.copyOf(rules);
  }

  private static List<Rule> phones() {
    return List.of(
        phone("(?<!\\d)(?:\\+?86[- ]?)?1[3-9]\\d(?:[- ]?\\d{4}){2}(?!\\d)"),
        phone("(?<!\\d)0\\d{2,3}[- ]\\d{7,8}(?:-\\d{1,4})?(?!\\d)"),
        phone("(?<!\\d)[48]00-?\\d{3,4}-?\\d{3,4}(?!\\d)"),
        phone("(?<![\\d.-])\\d{3,4}-\\d{3,4}-\\d{3,4}(?![\\d-])"),
        phone("(?<=拨打|电话|热线|致电|客服|号码|拨|手机)[:：]?\\s?\\d{3,13}(?![\\d.])"),
        Rule.of("(?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\d.]*+\\d)", m -> dotted(m.group(), true)),
        Rule.of("(?<![\\d.])\\d{1,4}(?:\\.\\d{1,4}){2,8}+(?!\\d)", m -> dotted(m.group(), false)));
  }

  private static List<Rule> forms() {
    return List.of(
        Rule.of(NO_NUMBER_BEFORE + "(\\d{1,4})\\s(\\d{1,4})/(\\d{1,4})(?![\\d/])", m -> ChineseNumbers.number(m.group(1)) + "又"
            + fraction(m.group(2), m.group(3))),
        Rule.of(NO_NUMBER_BEFORE + "(" + NUMBER + ")/(" + NUMBER + ")(?![\\d/])", m -> fraction(m.group(1), m.group(2))),
        Rule.of("(?<![\\d.,\\w-])(" + NUMBER + ")([十百千万亿]{0,3})\\s?[-~～—–]{1,2}\\s?(" + NUMBER + ")(?![\\d-]|[.,]\\d)",
            m -> ChineseNumbers.number(m.group(1)) + m.group(2) + "到" + ChineseNumbers.number(m.group(3))),
        Rule.of("(?<=[\\d)])\\s?\\+\\s?(?=[\\d(])", m -> "加"),
        Rule.of("(?<=[\\d)])\\s?[×*]\\s?(?=[\\d(])", m -> "乘"),
        Rule.of("(?<=[\\d)])\\s?÷\\s?(?=[\\d(])", m -> "除以"),
        Rule.of("(?<=[\\d)])\\s[-−]\\s(?=[\\d(])", m -> "减"),
        Rule.of("(?<=[\\d)])\\s?=\\s?(?=[-\\d(])", m -> "等于"),
        Rule.of("(?<![\\w.,)）'\">-])[-−](?=\\d)", m -> "负"),
        Rule.of("(?<=[A-Za-z])\\d{3,}+(?![\\d.])", m -> ChineseNumbers.digits(m.group())),
        Rule.of("(?<![\\d.,])" + NUMBER, m -> ChineseNumbers.number(m.group())),
        Rule.of("\\d++", m -> ChineseNumbers.number(m.group())),
        Rule.of("(?<=[零一二三四五六七八九十百千万亿]) (?=个|年|月|日|号|元|点|分|秒|人|名|位|次|条|只)", m -> group(m, 0).strip()));
  }

  private static Rule phone(String expression) {
    return Rule.of(expression, m -> {
      String number = m.group();
      int start = 0;
      while (!Character.isDigit(number.charAt(start)) && number.charAt(start) != '+') {
        start++;
      }
      return number.substring(0, start) + ChineseNumbers.phone(number.substring(start));
    });
  }

  private static String dotted(String number, boolean digitByDigit) {
    return String.join("点", List.of(number.split("\\.")).stream()
        .map(part -> digitByDigit ? ChineseNumbers.digits(part) : ChineseNumbers.number(part)).toList());
  }

  private static String fraction(String over, String under) {
    return ChineseNumbers.number(under) + "分之" + ChineseNumbers.number(over);
  }
}
