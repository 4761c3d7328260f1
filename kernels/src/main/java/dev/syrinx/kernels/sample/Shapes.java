package dev.syrinx.kernels.sample;

import dev.syrinx.kernels.Case;
import java.util.List;

/** The shapes that all kernels over rows of scores are tested and timed with. */
final class Shapes {
  private Shapes() {}

  static void rows(List<Case> list) {
    int[][] shapes = {{1, 1}, {2, 5}, {3, 17}, {4, 130}, {1, 1000}, {0, 3}};
    for (int[] s : shapes) {
      list.add(Case.test("rows").dim("rows", s[0]).dim("d", s[1]));
    }
    list.add(Case.model("sampling").dim("rows", 1).dim("d", 8194));
    list.add(Case.model("beams").dim("rows", 3).dim("d", 8194));
  }

  /** The same with scalars, given as name, value, name, value, … */
  static void rowsWith(List<Case> list, Object... scalars) {
    int from = list.size();
    rows(list);
    for (Case c : list.subList(from, list.size())) {
      for (int i = 0; i < scalars.length; i += 2) {
        c.with((String) scalars[i], (Number) scalars[i + 1]);
      }
    }
  }
}
