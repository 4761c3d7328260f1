package dev.syrinx.kernels.norm;

import dev.syrinx.kernels.Case;
import java.util.List;

/** Shapes that the row norms share. */
final class NormCases {
  private static final int[][] SHAPES = {{1, 1}, {1, 2}, {3, 17}, {5, 33}, {2, 64}, {7, 130}, {2, 1025}, {3, 1028}, {2, 2052}, {4, 16}, {0, 8}};

  private NormCases() {}

  static void rows(List<Case> list, float eps) {
    for (int[] s : SHAPES) {
      list.add(shape(Case.test("rows"), s[0], s[1], eps));
    }
    list.add(shape(Case.test("bare"), 3, 70, eps).without("weight", "bias"));
    list.add(shape(Case.test("no bias"), 3, 31, eps).without("bias"));
    list.add(shape(Case.model("decode"), 1, 1280, eps));
    list.add(shape(Case.model("flow"), 1291, 512, eps));
    list.add(shape(Case.model("semantic"), 749, 1024, eps));
  }

  /** The same with outputs in half precision. */
  static void halves(List<Case> list, float eps) {
    for (int[] s : new int[][] {{1, 1}, {3, 17}, {5, 64}, {7, 130}, {2, 1028}, {2, 2052}}) {
      list.add(shape(Case.test("halves"), s[0], s[1], eps).halves("y"));
    }
    list.add(shape(Case.model("flow halves"), 2582, 512, eps).halves("y"));
  }

  static Case shape(Case c, int t, int columns, float eps) {
    return c.dim("t", t).dim("c", columns).with("eps", eps);
  }
}
