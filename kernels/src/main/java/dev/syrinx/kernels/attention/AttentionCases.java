package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Case;
import java.util.List;

/** Shapes of {@link Attention}. */
final class AttentionCases {
  private AttentionCases() {}

  static void fill(List<Case> list) {
    list.add(full(Case.test("one"), 1, 1, 1, 1));
    list.add(full(Case.test("square"), 37, 37, 2, 64));
    list.add(full(Case.test("odd head"), 19, 23, 3, 17));
    list.add(full(Case.test("cross"), 5, 150, 2, 32));
    list.add(full(Case.test("long"), 3, 700, 1, 16));
    list.add(full(Case.test("no query"), 0, 3, 1, 8));
    list.add(masks(shape(Case.test("wide values"), 9, 21, 2, 2, 24, 40), 0, 0, 0, 21));
    list.add(full(Case.test("wide head"), 9, 21, 2, 100));
    list.add(masks(shape(Case.test("widest values"), 7, 70, 1, 1, 72, 200), 0, 0, 0, 70));
    list.add(masks(shape(Case.test("grouped"), 20, 20, 6, 2, 16, 16), 1, 0, 0, 20));
    list.add(masks(shape(Case.test("causal"), 70, 70, 2, 2, 32, 32), 1, 0, 0, 70));
    list.add(masks(shape(Case.test("causal after past"), 13, 40, 2, 2, 20, 20), 1, 27, 0, 40));
    list.add(masks(shape(Case.test("left padding"), 30, 30, 2, 2, 16, 16), 1, 0, 7, 30));
    list.add(masks(shape(Case.test("masked ends"), 11, 90, 1, 1, 33, 33), 0, 0, 3, 77));
    list.add(masks(shape(Case.test("all masked"), 4, 10, 2, 2, 16, 16), 0, 0, 4, 4));
    list.add(relative(full(Case.test("relative"), 41, 41, 2, 32), 2, 9, 6));
    list.add(relative(full(Case.test("relative long"), 90, 150, 1, 16), 1, 73, 64));
    list.add(batched(full(Case.test("sequences"), 70, 70, 2, 32), 2));
    list.add(batched(masks(shape(Case.test("causal sequences"), 13, 40, 2, 1, 20, 20), 1, 27, 3, 38), 3));
    list.add(batched(relative(full(Case.test("relative sequences"), 41, 41, 2, 32), 2, 9, 6), 2));
    halves(list);
    list.add(full(Case.model("flow"), 1291, 1291, 8, 64));
    list.add(full(Case.model("flow long"), 2151, 2151, 8, 64));
    list.add(relative(full(Case.model("semantic"), 749, 749, 16, 64), 16, 73, 64));
    list.add(full(Case.model("perceiver"), 32, 406, 8, 64));
    list.add(masks(shape(Case.model("prefill"), 157, 157, 20, 20, 64, 64), 1, 0, 0, 157));
    list.add(masks(shape(Case.model("latent"), 640, 640, 20, 20, 64, 64), 1, 0, 0, 640));
  }

  private static void halves(List<Case> list) {
    List<Case> some = List.of(
        full(Case.test("one"), 1, 1, 1, 1), full(Case.test("square"), 37, 37, 2, 64), full(Case.test("odd head"), 19, 23, 3, 17),
        full(Case.test("long"), 3, 700, 1, 16), full(Case.test("wide head"), 9, 21, 2, 100),
        masks(shape(Case.test("wide values"), 9, 21, 2, 2, 24, 40), 0, 0, 0, 21),
        masks(shape(Case.test("grouped"), 150, 150, 6, 2, 16, 16), 1, 0, 0, 150),
        masks(shape(Case.test("causal after past"), 13, 40, 2, 2, 24, 24), 1, 27, 3, 38),
        masks(shape(Case.test("masked ends"), 11, 90, 1, 1, 32, 32), 0, 0, 3, 77),
        masks(shape(Case.test("all masked"), 4, 10, 2, 2, 16, 16), 0, 0, 4, 4),
        relative(full(Case.test("relative"), 90, 150, 1, 16), 1, 73, 64), relative(full(Case.test("relative wide"), 40, 40, 1, 72), 1, 9, 4),
        batched(full(Case.test("sequences"), 70, 70, 2, 32), 2), batched(full(Case.test("sequences of two steps"), 200, 140, 1, 64), 2),
        full(Case.test("half of a third step"), 70, 330, 1, 64),
        masks(shape(Case.test("grouped heads of 64"), 70, 140, 2, 1, 64, 64), 1, 70, 0, 140),
        batched(masks(shape(Case.test("masked heads of 64"), 11, 300, 1, 1, 64, 64), 0, 0, 3, 271), 2));
    List<Case> model = List.of(
        batched(full(Case.model("flow"), 1291, 1291, 8, 64), 2), relative(full(Case.model("semantic"), 749, 749, 16, 64), 16, 73, 64));
    some.forEach(c -> list.add(c.halves("q", "k", "v", "y")));
    model.forEach(c -> list.add(c.halves("q", "k", "v", "y")));
  }

  /** As many sequences of this shape. */
  private static Case batched(Case c, int batch) {
    return c.dim("tq", batch * c.extents().get("tq")).dim("tk", batch * c.extents().get("tk")).with("batch", batch);
  }

  private static Case shape(Case c, int tq, int tk, int heads, int kvHeads, int d, int dv) {
    return c.dim("tq", tq)
        .dim("tk", tk).dim("q_width", heads * d).dim("k_width", kvHeads * d).dim("v_width", kvHeads * dv).dim("y_width", heads * dv)
        .with("heads", heads).with("kv_heads", kvHeads).with("scale", (float) (1 / Math.sqrt(d))).with("left", 0).with("batch", 1).without("relative");
  }

  private static Case masks(Case c, int causal, int past, int first, int last) {
    return c.with("causal", causal).with("past", past).with("first_key", first).with("last_key", last);
  }

  private static Case full(Case c, int tq, int tk, int heads, int d) {
    return masks(shape(c, tq, tk, heads, heads, d, d), 0, 0, 0, tk);
  }

  private static Case relative(Case c, int heads, int span, int left) {
    c.absent().remove("relative");
    return c.dim("relative_width", heads * span).with("left", left);
  }
}
