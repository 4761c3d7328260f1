package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Makes the arguments of a case from its declaration: seeded inputs, buffers at odd addresses between guard bytes. */
final class TestArguments {
  private static final byte GUARD = (byte) 0xA5;
  private static final int GUARD_BYTES = 64;

  /** Elements between the rows of a strided matrix. */
  private static final int GAP = 3;

  /** Where buffers lie. */
  enum Placement {
    /** Aligned, rows without gaps. */
    EVEN,
    /** Four bytes before an aligned address, rows of matrices with gaps between them. */
    ODD
  }

  /** Something done to the float inputs before a run. */
  enum Hurt { NOTHING, NAN_ROW, INFINITE_ROW }

  final Arguments arguments;
  private final Map<String, MemorySegment> guarded = new LinkedHashMap<>();

  private TestArguments(Arguments arguments) {
    this.arguments = arguments;
  }

  /** Inputs are the same for the same case, whatever the variant; the variant decides the layout of weights. */
  static TestArguments of(KernelSpec spec, Case c, DType dtype, Variant variant, Hurt hurt, Placement placement, Arena arena) {
    TestArguments made = new TestArguments(spec.arguments());
    Random random = new Random(c.toString().hashCode());
    CaseInputs.scalars(made.arguments, c);
    boolean hurtDone = false;
    for (Param param : spec.params()) {
      if (!CaseInputs.given(spec, param, c, dtype)) {
        continue;
      }
      View plain = CaseInputs.buffer(param, c, dtype, random, arena);
      if (hurt != Hurt.NOTHING && !hurtDone && param.role() == Param.Role.IN && param.type() == DType.F32) {
        poison(plain, hurt);
        hurtDone = true;
      }
      made.place(param, plain, variant.layouts().getOrDefault(param.name(), Layout.ROW_MAJOR), placement, arena);
    }
    made.arguments.checked();
    return made;
  }

  private static void poison(View view, Hurt hurt) {
    float value = hurt == Hurt.NAN_ROW ? Float.NaN : Float.POSITIVE_INFINITY;
    long row = view.elements() / Math.max(1, view.extent(0));
    for (long i = 0; i < Math.min(row, view.elements()); i++) {
      view.segment().set(JAVA_FLOAT_UNALIGNED, i * 4, value);
    }
  }

  private void place(Param param, View plain, Layout layout, Placement placement, Arena arena) {
    boolean rowMajor = layout == Layout.ROW_MAJOR;
    boolean gaps = rowMajor && placement == Placement.ODD && plain.rank() > 1;
    View view = View.strided(plain.segment(), plain.dtype(), plain.rowStride() + (gaps ? GAP : 0), plain.shape());
    long bytes = rowMajor ? view.spanBytes() : layout.bytes(plain.dtype(), plain.shape());
    MemorySegment whole = arena.allocate(bytes + 2L * GUARD_BYTES, 64);
    whole.fill(GUARD);
    MemorySegment inner = whole.asSlice(GUARD_BYTES - (placement == Placement.ODD ? 4 : 0), bytes);
    if (rowMajor) {
      view = View.strided(inner, plain.dtype(), view.rowStride(), plain.shape());
      long row = rowBytes(plain);
      for (int r = 0; r < rows(plain); r++) {
        MemorySegment.copy(plain.segment(), r * row, inner, r * view.rowStride() * plain.dtype().bytes(), row);
      }
      arguments.set(param.name(), view);
    } else {
      layout.pack(plain, inner);
      arguments.set(param.name(), View.packed(inner, plain.dtype(), layout, plain.shape()));
    }
    guarded.put(param.name(), whole);
  }

  private static int rows(View view) {
    return view.rank() == 0 || view.elements() == 0 ? 0 : view.extent(0);
  }

  private static long rowBytes(View view) {
    return rows(view) == 0 ? 0 : view.elements() / rows(view) * view.dtype().bytes();
  }

  /** Names the buffers whose surroundings, or the gaps between whose rows, were written. */
  String trespasses() {
    StringBuilder names = new StringBuilder();
    guarded.forEach((name, whole) -> {
      View view = arguments.view(name);
      long inner = view.segment().address() - whole.address();
      long size = view.segment().byteSize();
      long row = view.layout() == Layout.ROW_MAJOR ? rowBytes(view) : size;
      long stride = view.layout() == Layout.ROW_MAJOR ? Math.max(1, view.rowStride() * view.dtype().bytes()) : Math.max(1, size);
      for (long i = 0; i < whole.byteSize(); i++) {
        boolean own = i >= inner && i < inner + size && (i - inner) % stride < row;
        if (!own && whole.get(JAVA_BYTE, i) != GUARD) {
          names.append(name).append('@').append(i - inner).append(' ');
          break;
        }
      }
    });
    return names.toString();
  }
}
