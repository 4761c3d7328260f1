package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Seeded arguments for a {@link Case}, made from the declaration alone: for the contract tests and for the benchmarks. */
public final class CaseInputs {
  private CaseInputs() {}

  /** All arguments of a case, as a variant wants them: weights in its layout, everything else aligned and without gaps. */
  public static Arguments of(KernelSpec spec, Case c, DType dtype, Variant variant, Arena arena) {
    Arguments arguments = spec.arguments();
    Random random = new Random(c.toString().hashCode());
    scalars(arguments, c);
    for (Param param : spec.params()) {
      if (given(spec, param, c, dtype)) {
        View plain = buffer(param, c, dtype, random, arena);
        arguments.set(param.name(), laidOut(plain, variant.layouts().getOrDefault(param.name(), Layout.ROW_MAJOR), arena));
      }
    }
    return arguments.checked();
  }

  private static View laidOut(View plain, Layout layout, Arena arena) {
    if (layout.equals(Layout.ROW_MAJOR)) {
      return plain;
    }
    MemorySegment packed = arena.allocate(layout.bytes(plain.dtype(), plain.shape()), 64);
    layout.pack(plain, packed);
    return View.packed(packed, plain.dtype(), layout, plain.shape());
  }

  /** Whether a case has this buffer; scales go with int8 weights only. */
  static boolean given(KernelSpec spec, Param param, Case c, DType dtype) {
    boolean scaleOfOtherType = param.name().equals("scale") && spec.dtypes().size() > 1 && dtype != DType.I8;
    return param.buffer() && !c.absent().contains(param.name()) && !scaleOfOtherType;
  }

  /** A contiguous buffer with the case's extents and seeded contents. */
  static View buffer(Param param, Case c, DType dtype, Random random, Arena arena) {
    DType type = param.type() == null ? dtype : c.halves().contains(param.name()) ? DType.F16 : param.type();
    int[] shape = param.axes().stream().mapToInt(axis -> extent(c, axis)).toArray();
    View plain = View.of(arena.allocate(Math.max(1, Layout.ROW_MAJOR.bytes(type, shape)), 64), type, shape);
    fill(plain, param, limit(c, param), random);
    return plain;
  }

  /** Sets a case's scalars. */
  static void scalars(Arguments arguments, Case c) {
    KernelSpec spec = arguments.spec();
    c.scalars().forEach((name, value) -> scalar(arguments, spec.params().get(spec.index(name)), value));
  }

  private static void scalar(Arguments arguments, Param param, Number value) {
    if (param.type() == DType.I32) {
      arguments.set(param.name(), value.intValue());
    } else {
      arguments.set(param.name(), value.floatValue());
    }
  }

  private static int extent(Case c, String axis) {
    Integer extent = c.extents().get(axis);
    if (extent == null) {
      throw new IllegalArgumentException("case " + c + " lacks axis " + axis);
    }
    return extent;
  }

  /** The limit of an integer input in this case. */
  private static int limit(Case c, Param param) {
    if (param.below().isEmpty()) {
      return 1;
    }
    String[] parts = param.below().split("[*/]", 2);
    int first = named(c, parts[0]);
    return parts.length == 1 ? first : param.below().contains("*") ? first * named(c, parts[1]) : first / named(c, parts[1]);
  }

  private static int named(Case c, String name) {
    return c.extents().containsKey(name) ? c.extents().get(name) : c.scalars().get(name).intValue();
  }

  private static int integer(Param param, long i, int limit, int[] shuffled, Random random) {
    return switch (param.values()) {
      case ANY -> random.nextInt();
      case INDICES -> random.nextInt(limit);
      case DISTINCT_INDICES -> shuffled[(int) i];
      case COUNTS -> 1 + random.nextInt(limit);
    };
  }

  private static int[] shuffled(int limit, Random random) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, limit).boxed().toList());
    Collections.shuffle(all, random);
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void fill(View view, Param param, int limit, Random random) {
    int[] shuffled = param.values() == Param.Values.DISTINCT_INDICES ? shuffled(limit, random) : new int[0];
    for (long i = 0; i < view.elements(); i++) {
      float value = (float) random.nextGaussian();
      switch (view.dtype()) {
        case F32 -> view.segment().set(JAVA_FLOAT_UNALIGNED, i * 4, param.name().equals("scale") ? Math.abs(value) / 100 : value);
        case F16 -> view.segment().set(JAVA_SHORT_UNALIGNED, i * 2, Float.floatToFloat16(i % 7 == 0 ? value * 1e-6f : value));
        case BF16 -> view.segment().set(JAVA_SHORT_UNALIGNED, i * 2, DType.toBf16(value));
        case I8 -> view.segment().set(JAVA_BYTE, i, (byte) (random.nextInt(255) - 127));
        case I32 -> view.segment().set(JAVA_INT_UNALIGNED, i * 4, integer(param, i, limit, shuffled, random));
        default -> throw new IllegalArgumentException("no test data of type " + view.dtype());
      }
    }
  }
}
