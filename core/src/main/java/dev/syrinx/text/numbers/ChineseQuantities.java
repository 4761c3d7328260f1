package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.ChineseNumbers.NUMBER;
import static dev.syrinx.text.numbers.Rule.group;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Money, percentages, measures and things counted. */
final class ChineseQuantities {
  private static final String START = "(?<![\\d.,])";
  private static final String SIGN = "(?<![\\w.,)）'\"-])([-−])?";
  private static final String TO = "\\s?[-~～—–至到]\\s?";
  private static final String LARGE = "([十百千万亿]{0,3})";
  private static final Map<String, String> CURRENCIES = Map.ofEntries(Map.entry("$", "美元"), Map.entry("US$", "美元"),
      Map.entry("HK$", "港元"), Map.entry("€", "欧元"), Map.entry("£", "英镑"), Map.entry("¥", "元"), Map.entry("￥", "元"),
      Map.entry("USD", "美元"), Map.entry("EUR", "欧元"), Map.entry("GBP", "英镑"), Map.entry("JPY", "日元"), Map.entry("CNY", "元"),
      Map.entry("RMB", "元"), Map.entry("HKD", "港元"));
  private static final String SYMBOL = "((?:US|HK)?\\$|[€£¥￥])";
  private static final String CODE = "(USD|EUR|GBP|JPY|CNY|RMB|HKD)";

  private static final Map<String, String> UNITS = units();
  private static final String UNIT = UNITS.keySet().stream().sorted(Comparator.comparingInt(String::length).reversed())
      .map(Pattern::quote).collect(Collectors.joining("|", "(", ")"));
  /** Words that count things; before them two is 两. Dates and ordinals are read before. */
  private static final String MEASURE = "(?=\\s?(?:个|只|条|本|张|位|名|件|辆|台|次|年|天|周|家|岁|元|块|斤|公斤|吨|米|千米|公里|里|千克|克|升|点|分钟|小时"
      + "|秒|倍|部|座|头|匹|份|杯|瓶|碗|种|层|间|套|双|对|遍|场|届|句|颗|棵|朵|枚|根|支|把|门|口|道|页|行|段|篇|幅|项|批|组|排|副|架|艘|样|万|千|亿))";

  private ChineseQuantities() {}

  static List<Rule> rules() {
    return List.of(
        Rule.of(START + "([-−])?(" + NUMBER + ")%?" + TO + "([-−])?(" + NUMBER + ")%", m -> "百分之" + minus(m, 1)
            + ChineseNumbers.number(m.group(2)) + "到百分之" + minus(m, 3) + ChineseNumbers.number(m.group(4))),
        Rule.of(SIGN + "(" + NUMBER + ")\\s?([%‰])", m -> minus(m, 1) + (m.group(3).equals("%") ? "百分之" : "千分之")
            + ChineseNumbers.number(m.group(2))),
        Rule.of(START + "(" + NUMBER + ")\\s?([%‰])", m -> (m.group(2).equals("%") ? "百分之" : "千分之") + ChineseNumbers.number(m.group(1))),
        Rule.of("(?<!\\w)" + SYMBOL + "\\s?(" + NUMBER + ")" + LARGE + "(?:美元|元|欧元|英镑)?",
            m -> count(m.group(2), group(m, 3)) + group(m, 3) + CURRENCIES.get(m.group(1))),
        Rule.of("(?<![A-Za-z])" + CODE + "\\s?(" + NUMBER + ")" + LARGE,
            m -> count(m.group(2), group(m, 3)) + group(m, 3) + CURRENCIES.get(m.group(1))),
        Rule.of(START + "(" + NUMBER + ")" + LARGE + "\\s?" + CODE + "(?![A-Za-z])",
            m -> count(m.group(1), group(m, 2)) + group(m, 2) + CURRENCIES.get(m.group(3))),
        Rule.of(START + "(" + NUMBER + ")" + TO + "(" + NUMBER + ")\\s?" + UNIT + "(?![A-Za-z\\d²³/])",
            m -> measure(ChineseNumbers.number(m.group(1)) + "到" + ChineseNumbers.number(m.group(2)), m.group(3))),
        Rule.of(SIGN + "(" + NUMBER + ")\\s?" + UNIT + "(?![A-Za-z\\d²³/])", ChineseQuantities::measured),
        Rule.of("(?<![A-Za-z\\d.,-])()(" + NUMBER + ")\\s?" + UNIT + "(?![A-Za-z\\d²³/])", ChineseQuantities::measured),
        Rule.of("(?<![\\d.,第]|[\\d]\\s)2" + MEASURE, m -> "两"));
  }

  private static String measured(MatchResult m) {
    boolean degree = m.group(3).endsWith("C") || m.group(3).endsWith("F") || "℃℉".contains(m.group(3));
    String number = degree ? ChineseNumbers.number(m.group(2)) : ChineseNumbers.counted(m.group(2));
    return degree && !group(m, 1).isEmpty() ? "零下" + measure(number, m.group(3)) : minus(m, 1) + measure(number, m.group(3));
  }

  /** Units per time come first: 每小时十千米. */
  private static String measure(String number, String unit) {
    String[] names = UNITS.get(unit).split("/", 2);
    return names.length == 2 ? names[0] + number + names[1] : number + names[0];
  }

  private static String count(String number, String large) {
    return large.isEmpty() || number.length() > 1 ? ChineseNumbers.counted(number) : large.startsWith("十") || large.startsWith("百")
        ? ChineseNumbers.number(number) : ChineseNumbers.counted(number);
  }

  private static String minus(MatchResult m, int group) {
    return group(m, group).isEmpty() ? "" : "负";
  }

  private static Map<String, String> units() {
    Map<String, String> units = new HashMap<>();
    String[] pairs = {"km", "千米", "m", "米", "cm", "厘米", "mm", "毫米", "nm", "纳米", "μm", "微米", "µm", "微米", "kg", "千克", "g", "克",
      "mg", "毫克", "t", "吨", "L", "升", "l", "升", "mL", "毫升", "ml", "毫升", "°C", "摄氏度", "℃", "摄氏度", "°F", "华氏度", "℉", "华氏度",
      "°", "度", "km²", "平方千米", "km2", "平方千米", "m²", "平方米", "m2", "平方米", "㎡", "平方米", "cm²", "平方厘米", "m³", "立方米",
      "m3", "立方米", "cm³", "立方厘米", "Hz", "赫兹", "kHz", "千赫兹", "MHz", "兆赫兹", "GHz", "吉赫兹", "W", "瓦", "kW", "千瓦",
      "MW", "兆瓦", "kWh", "千瓦时", "V", "伏", "kV", "千伏", "mV", "毫伏", "mA", "毫安", "mAh", "毫安时", "s", "秒", "ms", "毫秒",
      "min", "分钟", "h", "小时", "dB", "分贝", "Pa", "帕", "kPa", "千帕", "MPa", "兆帕", "J", "焦", "kJ", "千焦", "kcal", "千卡",
      "cal", "卡", "px", "像素", "ha", "公顷", "km/h", "每小时/千米", "km/s", "每秒/千米", "m/s", "每秒/米", "mph", "每小时/英里"};
    for (int i = 0; i < pairs.length; i += 2) {
      units.put(pairs[i], pairs[i + 1]);
    }
    return Map.copyOf(units);
  }
}
