package dev.syrinx.text;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Syllables in pinyin with a tone digit, such as {@code xuan4}: found, protected and brought to the spelling of the vocabulary. */
public final class Pinyin {
  private static final Pattern SYLLABLE = Pattern.compile(
      "(?<![a-z])((?:[bpmfdtnlgkhjqxzcsryw]|[zcs]h)?(?:[aeiouüv]|[ae]i|u[aio]|ao|ou|i[aue]|[uüv]e|[uvü]ang?|uai|[aeiuv]n|[aeio]ng"
          + "|ia[no]|i[ao]ng)|ng|er)([1-5])",
      Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  private static final Pattern UMLAUT = Pattern.compile("([jqx])[uü](n|e|an)*+(\\d)", Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  private static final int LONGEST = 7; // "zhuang4"

  private Pinyin() {}

  /** Whether a syllable with a tone stands anywhere in the text. */
  static boolean in(String text) {
    return SYLLABLE.matcher(text).find();
  }

  /**
   * Replaces syllables by placeholders: wherever a found syllable occurs, also inside a word where it was not found, as the reference
   * does. Longer syllables win over those inside them.
   */
  static String protect(String text, Placeholders placeholders) {
    Set<String> syllables = new HashSet<>();
    Matcher matcher = SYLLABLE.matcher(text);
    while (matcher.find()) {
      syllables.add(matcher.group());
    }
    if (syllables.isEmpty()) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      int end = longestAt(text, i, syllables);
      if (end > i) {
        out.append(placeholders.placeholder(text.substring(i, end)));
        i = end;
      } else {
        out.append(text.charAt(i++));
      }
    }
    return out.toString();
  }

  /** After j, q and x the vocabulary writes v for ü, and upper case: {@code ju4} is {@code JV4}. Anything else is returned as it is. */
  public static String correct(String syllable) {
    if (syllable.isEmpty() || "jqxJQX".indexOf(syllable.charAt(0)) < 0) {
      return syllable;
    }
    Matcher matcher = UMLAUT.matcher(syllable);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      String rest = matcher.group(2) == null ? "" : matcher.group(2);
      matcher.appendReplacement(out, Matcher.quoteReplacement(matcher.group(1) + "v" + rest + matcher.group(3)));
    }
    return matcher.appendTail(out).toString().toUpperCase(Locale.ROOT);
  }

  private static int longestAt(String text, int start, Set<String> syllables) {
    for (int length = Math.min(LONGEST, text.length() - start); length >= 2; length--) {
      char last = text.charAt(start + length - 1);
      if (last >= '1' && last <= '5' && syllables.contains(text.substring(start, start + length))) {
        return start + length;
      }
    }
    return start;
  }
}
