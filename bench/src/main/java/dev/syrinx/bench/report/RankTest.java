package dev.syrinx.bench.report;

/** The rank test of Mann and Whitney, exact: it asks nothing of the distribution. */
final class RankTest {
  private RankTest() {}

  /**
   * How often two samples of one distribution have ranks at least as far apart as these, in either direction. Equal values count half, and what
   * is left of a half counts against a difference.
   */
  static double chance(double[] a, double[] b) {
    double wins = 0;
    for (double x : a) {
      for (double y : b) {
        wins += x > y ? 1 : x == y ? 0.5 : 0;
      }
    }
    int fewer = (int) Math.ceil(Math.min(wins, a.length * (double) b.length - wins));
    double[] ways = ways(a.length, b.length);
    double all = 0;
    double extreme = 0;
    for (int u = 0; u < ways.length; u++) {
      all += ways[u];
      extreme += u <= fewer ? ways[u] : 0;
    }
    return Math.min(1, 2 * extreme / all);
  }

  /**
   * Orders of n and m values by the number of pairs that the first side wins, 0 to nm: the coefficients of the Gaussian binomial, which is
   * the product of (1 - q^(m+i)) / (1 - q^i) over i from 1 to n.
   */
  private static double[] ways(int n, int m) {
    double[] c = new double[n * m + 1];
    c[0] = 1;
    for (int i = 1; i <= n; i++) {
      for (int u = c.length - 1; u >= m + i; u--) {
        c[u] -= c[u - m - i];
      }
      for (int u = i; u < c.length; u++) {
        c[u] += c[u - i];
      }
    }
    return c;
  }
}
