package dev.syrinx.text.numbers;

import com.ibm.icu.text.RuleBasedNumberFormat;
import com.ibm.icu.util.ULocale;
import java.util.regex.Pattern;

/** Single numbers in Chinese words. */
final class ChineseNumbers {
  /** A number as it stands in texts: thousands may be separated, decimals may follow. */
  static final String NUMBER = EnglishNumbers.NUMBER;

  private static final int LONGEST = 15;
  private static final String DIGITS = "零一二三四五六七八九";
  // Formatters are not safe for threads that share them; each call takes the lock of this class for a few microseconds.
  private static final RuleBasedNumberFormat FORMAT = new RuleBasedNumberFormat(ULocale.CHINESE, RuleBasedNumberFormat.SPELLOUT);
  private static final Pattern TWO = Pattern.compile("^二(?=[千万亿])");

  private ChineseNumbers() {}

  /** A number with or without separators and decimals; digit by digit if it has a leading zero or is very long. */
  static String number(String written) {
    String plain = written.replace(",", "");
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    String words = whole.length() > LONGEST || (whole.length() > 1 && whole.startsWith("0")) ? digits(whole) : cardinal(whole);
    return point < 0 ? words : words + "点" + digits(plain.substring(point + 1));
  }

  static String cardinal(String digits) {
    return TWO.matcher(spell(Long.parseLong(digits)).replace("兆", "万亿")).replaceFirst("两");
  }

  /** As before measure words and units: a lone two is 两. */
  static String counted(String written) {
    return written.equals("2") ? "两" : number(written);
  }

  /** Two digits after a larger unit of time: 05 is 零五. */
  static String twoDigits(String digits) {
    return digits.startsWith("0") && !digits.equals("00") ? digits(digits) : cardinal(digits);
  }

  static String digits(String digits) {
    StringBuilder out = new StringBuilder(digits.length());
    digits.chars().filter(c -> c >= '0' && c <= '9').forEach(c -> out.append(DIGITS.charAt(c - '0')));
    return out.toString();
  }

  /** Digits of a telephone number, in which one is 幺. */
  static String phone(String number) {
    return digits(number).replace('一', '幺');
  }

  private static synchronized String spell(long number) {
    return FORMAT.format(number, "%spellout-cardinal");
  }
}
