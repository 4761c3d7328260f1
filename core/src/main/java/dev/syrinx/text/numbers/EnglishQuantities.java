package dev.syrinx.text.numbers;

import static dev.syrinx.text.numbers.EnglishNumbers.NUMBER;
import static dev.syrinx.text.numbers.Rule.group;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Money, percentages and measures. */
final class EnglishQuantities {
  private static final String START = "(?<![\\d.,\\w])";
  private static final String DASH = "\\s?[-–—]\\s?";

  /** Names of a currency: one, several, one hundredth, several hundredths; no hundredths where the last two are empty. */
  private record Currency(String one, String many, String cent, String cents) {}

  private static final Map<String, Currency> CURRENCIES = Map.ofEntries(
      currency("$", "dollar dollars cent cents"),
      currency("€", "euro euros cent cents"),
      currency("£", "pound pounds penny pence"),
      currency("¥", "yen yen"),
      currency("￥", "yen yen"),
      currency("₹", "rupee rupees paisa paise"),
      currency("₩", "won won"),
      currency("USD", "US_dollar US_dollars cent cents"),
      currency("EUR", "euro euros cent cents"),
      currency("GBP", "British_pound British_pounds penny pence"),
      currency("JPY", "yen yen"),
      currency("CNY", "yuan yuan"),
      currency("RMB", "yuan yuan"));
  private static final Map<String, String> DOLLARS =
      Map.of("US", "US ", "A", "Australian ", "C", "Canadian ", "HK", "Hong Kong ", "NZ", "New Zealand ", "S", "Singapore ");
  private static final Map<String, String> MAGNITUDES = Map.of("k", "thousand", "K", "thousand", "M", "million", "m", "million", "mn",
      "million", "B", "billion", "bn", "billion", "T", "trillion");
  private static final String MAGNITUDE = "(?:\\s?(hundred|thousand|million|billion|trillion|[kKmMBT]|mn|bn)\\b)?";
  private static final String SYMBOL = "(?:(US|HK|NZ|A|C|S)?(\\$)|([€£¥￥₹₩]))";
  private static final String CODE = "(USD|EUR|GBP|JPY|CNY|RMB)";

  private static final Map<String, String> UNITS = units();
  private static final String UNIT = UNITS.keySet().stream().sorted(Comparator.comparingInt(String::length).reversed())
      .map(Pattern::quote).collect(Collectors.joining("|", "(", ")"));

  private EnglishQuantities() {}

  static List<Rule> rules() {
    return List.of(
        Rule.of(START + "([-−])?" + SYMBOL + "\\s?(" + NUMBER + ")" + DASH + "(?:[$€£¥￥₹₩])?(" + NUMBER + ")" + MAGNITUDE + "(?![\\d-])",
            m -> EnglishNumbers.number(m.group(5)) + " to " + money(name(m), "2", m.group(6), group(m, 7))),
        Rule.of(START + "([-−])?" + SYMBOL + "\\s?(" + NUMBER + ")" + MAGNITUDE,
            m -> minus(group(m, 1)) + money(name(m), m.group(5), m.group(5), group(m, 6))),
        Rule.of("(?<!\\w)" + CODE + "\\s?(" + NUMBER + ")" + MAGNITUDE,
            m -> money(m.group(1), m.group(2), m.group(2), group(m, 3))),
        Rule.of(START + "(" + NUMBER + ")" + MAGNITUDE + "\\s?" + CODE + "\\b",
            m -> money(m.group(3), m.group(1), m.group(1), group(m, 2))),
        Rule.of("(?<![\\d.,\\w])(" + NUMBER + ")\\s?%?" + DASH + "(" + NUMBER + ")\\s?%",
            m -> EnglishNumbers.number(m.group(1)) + " to " + EnglishNumbers.number(m.group(2)) + " percent"),
        Rule.of("(?<![\\d.,])((?<!\\w)[-−])?(" + NUMBER + ")\\s?%",
            m -> minus(group(m, 1)) + EnglishNumbers.number(m.group(2)) + " percent"),
        Rule.of(START + "(" + NUMBER + ")" + DASH + "(" + NUMBER + ")\\s?" + UNIT + "(?![\\w²³/])",
            m -> EnglishNumbers.number(m.group(1)) + " to " + measure("2", m.group(2), m.group(3))),
        Rule.of("(?<![\\d.,])((?<!\\w)[-−])?(" + NUMBER + ")\\s?" + UNIT + "(?![\\w²³/])",
            m -> minus(group(m, 1)) + measure(m.group(2), m.group(2), m.group(3))),
        Rule.maybe("(?<![\\d.,])(" + NUMBER + ")(s|h|A)(?![\\w'])", EnglishQuantities::attached),
        Rule.of("(?<=[a-z])\\s?/\\s?(?=(?:second|minute|hour|night|day|week|month|year|person|kg|lb|km|mile)\\b)", m -> " per "),
        Rule.of("(?<![\\d.,\\w])(" + NUMBER + ")(?:\\s?x\\s?|×)(?=\\d)", m -> EnglishNumbers.number(m.group(1)) + " by "));
  }

  private static String minus(String sign) {
    return sign.isEmpty() ? "" : "minus ";
  }

  private static String name(MatchResult m) {
    return group(m, 2).isEmpty() ? Optional.ofNullable(m.group(3)).orElse(group(m, 4)) : m.group(2) + "$";
  }

  private static String money(String name, String counted, String amount, String magnitude) {
    boolean dollar = name.endsWith("$");
    Currency currency = CURRENCIES.get(dollar ? "$" : name);
    String prefix = dollar ? DOLLARS.getOrDefault(name.substring(0, name.length() - 1), "") : "";
    if (!magnitude.isEmpty()) {
      return EnglishNumbers.number(amount) + " " + MAGNITUDES.getOrDefault(magnitude, magnitude) + " " + prefix + currency.many();
    }
    int point = amount.indexOf('.');
    String decimals = point < 0 ? "" : amount.substring(point + 1);
    if (point >= 0 && (decimals.length() > 2 || currency.cents().isEmpty())) {
      return EnglishNumbers.number(amount) + " " + prefix + currency.many();
    }
    String whole = point < 0 ? amount : amount.substring(0, point);
    int cents = decimals.isEmpty() ? 0 : Integer.parseInt((decimals + "0").substring(0, 2));
    String units = EnglishNumbers.number(whole) + " " + prefix
        + (EnglishNumbers.isOne(whole) && EnglishNumbers.isOne(point < 0 ? counted : whole) ? currency.one() : currency.many());
    String rest = EnglishNumbers.cardinal(String.valueOf(cents)) + " " + (cents == 1 ? currency.cent() : currency.cents());
    return cents == 0 ? units : whole.equals("0") ? rest : units + " and " + rest;
  }

  private static String measure(String counted, String amount, String unit) {
    String[] names = UNITS.get(unit).split("/", 2);
    return EnglishNumbers.number(amount) + " " + (EnglishNumbers.isOne(counted) ? names[0] : names[1]);
  }

  /** Letters that mean a unit only right behind a number. */
  private static Optional<String> attached(MatchResult m) {
    String unit = switch (m.group(2)) {
      case "s" -> "second";
      case "h" -> "hour";
      default -> "ampere";
    };
    return Optional.of(EnglishNumbers.number(m.group(1)) + " " + unit + (EnglishNumbers.isOne(m.group(1)) ? "" : "s"));
  }

  private static Map.Entry<String, Currency> currency(String symbol, String names) {
    String[] parts = names.split(" ");
    boolean cents = parts.length == 4;
    return Map.entry(symbol,
        new Currency(parts[0].replace('_', ' '), parts[1].replace('_', ' '), cents ? parts[2] : "", cents ? parts[3] : ""));
  }

  private static Map<String, String> units() {
    Map<String, String> units = new HashMap<>();
    String[] plain = {"km kilometer", "cm centimeter", "mm millimeter", "nm nanometer", "µm micrometer", "μm micrometer", "m meter",
      "kg kilogram", "mg milligram", "µg microgram", "g gram", "lb pound", "lbs pound", "oz ounce", "mi mile", "yd yard", "L liter",
      "mL milliliter", "ml milliliter", "ms millisecond", "min minute", "mins minute", "hr hour", "hrs hour", "sec second",
      "secs second", "GB gigabyte", "MB megabyte", "KB kilobyte", "kB kilobyte", "TB terabyte", "W watt", "kW kilowatt", "MW megawatt",
      "V volt", "mV millivolt", "kV kilovolt", "mA milliampere", "dB decibel", "px pixel", "J joule", "kJ kilojoule", "cal calorie",
      "kcal kilocalorie", "Pa pascal", "kPa kilopascal", "MPa megapascal", "kWh kilowatt_hour", "mAh milliampere_hour"};
    for (String unit : plain) {
      String[] parts = unit.replace('_', ' ').split(" ", 2);
      units.put(parts[0], parts[1] + "/" + parts[1] + "s");
    }
    String[] same = {"Hz hertz", "kHz kilohertz", "MHz megahertz", "GHz gigahertz", "mph miles per hour", "rpm revolutions per minute",
      "fps frames per second", "kbps kilobits per second", "Mbps megabits per second", "Gbps gigabits per second"};
    for (String unit : same) {
      String[] parts = unit.split(" ", 2);
      units.put(parts[0], parts[1] + "/" + parts[1]);
    }
    units.putAll(Map.of("ft", "foot/feet", "°C", "degree Celsius/degrees Celsius", "°F", "degree Fahrenheit/degrees Fahrenheit",
        "℃", "degree Celsius/degrees Celsius", "℉", "degree Fahrenheit/degrees Fahrenheit", "°", "degree/degrees",
        "km/h", "kilometer per hour/kilometers per hour", "m/s", "meter per second/meters per second",
        "m²", "square meter/square meters", "km²", "square kilometer/square kilometers"));
    units.putAll(Map.of("m2", "square meter/square meters", "km2", "square kilometer/square kilometers", "m³", "cubic meter/cubic meters",
        "cm²", "square centimeter/square centimeters", "cm³", "cubic centimeter/cubic centimeters", "sq ft", "square foot/square feet",
        "MB/s", "megabyte per second/megabytes per second", "GB/s", "gigabyte per second/gigabytes per second"));
    return Map.copyOf(units);
  }
}
