package dev.syrinx.synth;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The times of the flow at which guidance is applied: {@code from} included, {@code to} not, of 0 (noise) to 1 (speech).
 *
 * @param from 0 or more
 * @param to more than that, 1 or less
 */
public record CfgInterval(float from, float to) {
  /** All times: the reference's. */
  public static final CfgInterval ALL = new CfgInterval(0f, 1f);

  private static final Pattern TEXT = Pattern.compile("([0-9]*\\.?[0-9]+)-([0-9]*\\.?[0-9]+)");

  /** @throws OptionsException for times that are not in order, or not between 0 and 1 */
  public CfgInterval {
    if (!(0f <= from && from < to && to <= 1f)) {
      throw new OptionsException(String.format(Locale.ROOT, "--cfg-interval must be FROM-TO with 0 <= FROM < TO <= 1, got %s-%s", from, to));
    }
  }

  /**
   * Reads {@code FROM-TO}, such as 0.1-0.6.
   *
   * @throws OptionsException if it is none
   */
  public static CfgInterval parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new OptionsException("--cfg-interval must be FROM-TO, such as 0.1-0.6, got '" + text + "'");
    }
    return new CfgInterval(Float.parseFloat(matcher.group(1)), Float.parseFloat(matcher.group(2)));
  }

  boolean holds(float time) {
    return from <= time && time < to;
  }

  @Override
  public String toString() {
    return from + "-" + to;
  }
}
