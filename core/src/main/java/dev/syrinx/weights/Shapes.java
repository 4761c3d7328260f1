package dev.syrinx.weights;

import java.util.List;
import java.util.stream.IntStream;

/** Arithmetic of extents that cannot overflow silently. */
final class Shapes {
  /** More axes than any layer has; PyTorch itself stops at 64. */
  static final int MAX_RANK = 16;

  private Shapes() {}

  static List<Integer> list(int... shape) {
    return IntStream.of(shape).boxed().toList();
  }

  /**
   * Product of the extents, 1 for none.
   *
   * @throws ArithmeticException if an extent is negative, or the product of the non-zero ones overflows (a zero must not hide it)
   */
  static long elements(List<Integer> shape) {
    long product = 1;
    boolean empty = false;
    for (int extent : shape) {
      if (extent < 0) {
        throw new ArithmeticException("negative extent " + extent);
      }
      empty |= extent == 0;
      product = Math.multiplyExact(product, (long) Math.max(extent, 1));
    }
    return empty ? 0 : product;
  }

  /** Whether the shape has the wanted rank and extents, where -1 stands for any extent. */
  static boolean matches(List<Integer> shape, int... wanted) {
    if (shape.size() != wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] != -1 && wanted[i] != shape.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** The wanted extents for a message, a star for any. */
  static String describe(int... wanted) {
    return IntStream.of(wanted).mapToObj(d -> d == -1 ? "*" : Integer.toString(d)).toList().toString();
  }
}
