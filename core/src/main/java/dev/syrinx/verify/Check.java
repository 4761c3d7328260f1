package dev.syrinx.verify;

/**
 * One output held against the official code's.
 *
 * @param error largest absolute difference; for integers the number of differing elements; NaN where there was nothing to compare
 * @param tolerance what the golden data allows
 * @param problem why it failed; empty if it passed
 */
public record Check(String stage, String output, double error, double tolerance, String problem) {
  private static final String BEYOND = "beyond the tolerance";
  private static final String DIFFERS = "differs from element ";
  private static final String LEFT_OUT = " elements are left out of one and not of the other";

  public boolean passed() {
    return problem.isEmpty();
  }

  /** Whether there was something to compare, and everything a number or a code left out. */
  public boolean compared() {
    return passed() || problem.equals(BEYOND) || problem.startsWith(DIFFERS) || problem.endsWith(LEFT_OUT);
  }

  static Check failed(String stage, String output, String problem) {
    return new Check(stage, output, Double.NaN, Double.NaN, problem);
  }

  /** Floats: −∞, a code left out of the choice, must stand at the same places, everything else be within the tolerance. */
  static Check floats(String stage, String output, float[] want, float[] got, double tolerance) {
    if (want.length != got.length) {
      return failed(stage, output, "has " + got.length + " elements instead of " + want.length);
    }
    double worst = 0;
    int differing = 0;
    int lost = 0;
    for (int i = 0; i < want.length; i++) {
      if (!Float.isFinite(want[i]) || !Float.isFinite(got[i])) {
        differing += Float.compare(want[i], got[i]) == 0 ? 0 : 1;
        lost += Float.isNaN(got[i]) || got[i] == Float.POSITIVE_INFINITY ? 1 : 0;
      } else {
        worst = Math.max(worst, Math.abs((double) want[i] - got[i]));
      }
    }
    String problem =
        lost > 0 ? lost + " elements are not finite" : differing > 0 ? differing + LEFT_OUT : worst > tolerance ? BEYOND : "";
    return new Check(stage, output, worst, tolerance, problem);
  }

  /** Integers: each within the tolerance, which is 0 for ids and codes. */
  static Check ints(String stage, String output, int[] want, int[] got, double tolerance) {
    if (want.length != got.length) {
      return failed(stage, output, "has " + got.length + " elements instead of " + want.length);
    }
    int worst = 0;
    int first = -1;
    for (int i = 0; i < want.length; i++) {
      int error = Math.abs(want[i] - got[i]);
      first = error > tolerance && first < 0 ? i : first;
      worst = Math.max(worst, error);
    }
    return new Check(stage, output, worst, tolerance, first < 0 ? "" : DIFFERS + first + " on");
  }

  /** Rows of a table that agree or not. */
  static Check rows(String stage, String output, int wrong, int all, String firstWrong) {
    return new Check(
        stage, output, wrong, 0,
        wrong > 0 ? wrong + " of " + all + " rows differ, first: " + firstWrong : all == 0 ? "no rows to compare" : "");
  }
}
