package dev.syrinx.text.numbers;

import com.ibm.icu.text.RuleBasedNumberFormat;
import com.ibm.icu.util.ULocale;
import java.math.BigDecimal;

/** Single numbers in English words, without hyphens: the model cuts texts at hyphens. */
final class EnglishNumbers {
  /** A number as it stands in texts: thousands may be separated, decimals may follow. */
  static final String NUMBER = "(?:\\d{1,3}(?:,\\d{3})++(?!\\d)(?:\\.\\d++)?+|\\d++(?:\\.\\d++)?+)";

  private static final int LONGEST = 15; // beyond a quadrillion nobody reads a number as one
  // Formatters are not safe for threads that share them; each call takes the lock of this class for a few microseconds.
  private static final RuleBasedNumberFormat FORMAT = new RuleBasedNumberFormat(ULocale.ENGLISH, RuleBasedNumberFormat.SPELLOUT);
  private static final String[] DIGITS = {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};

  private EnglishNumbers() {}

  /** A number with or without separators and decimals; digit by digit if it has a leading zero or is very long. */
  static String number(String written) {
    String plain = written.replace(",", "");
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    String words = whole.length() > LONGEST || (whole.length() > 1 && whole.startsWith("0")) ? digits(whole) : cardinal(whole);
    return point < 0 ? words : words + " point " + digits(plain.substring(point + 1));
  }

  static String cardinal(String digits) {
    return spell(Long.parseLong(digits), "%spellout-cardinal");
  }

  static String ordinal(String digits) {
    String plain = digits.replace(",", "");
    return plain.length() > LONGEST ? digits(plain) : spell(Long.parseLong(plain), "%spellout-ordinal");
  }

  static String year(String digits) {
    return digits.length() == 2 ? twoDigits(digits) : spell(Long.parseLong(digits), "%spellout-numbering-year");
  }

  /** As in years and minutes: 05 is "oh five". */
  static String twoDigits(String digits) {
    return digits.startsWith("0") && !digits.equals("00") ? "oh " + digits(digits.substring(1)) : cardinal(digits);
  }

  static String digits(String digits) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < digits.length(); i++) {
      out.append(i == 0 ? "" : " ").append(DIGITS[digits.charAt(i) - '0']);
    }
    return out.toString();
  }

  /** Whether a written number is exactly one, which takes the singular. */
  static boolean isOne(String written) {
    return written.length() < LONGEST && new BigDecimal(written.replace(",", "")).compareTo(BigDecimal.ONE) == 0 && !written.contains(".");
  }

  private static synchronized String spell(long number, String rules) {
    return FORMAT.format(number, rules).replace('-', ' ');
  }
}
