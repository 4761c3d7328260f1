package dev.syrinx.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * The arguments of a case, made from its declaration to find faults: seeded inputs, buffers at odd addresses between guard bytes, poisoned
 * rows. For whoever compares a variant with the reference, on the host or on a device.
 */
public final class PlacedArguments {
  /** A NaN of every float type, so that a read outside shows in the result. */
  private static final byte GUARD = (byte) 0xFF;
  private static final int GUARD_BYTES = 64;

  /** Elements between the rows of a strided matrix. */
  private static final int GAP = 3;

  /** Where buffers lie. */
  public enum Placement {
    /** Aligned, rows without gaps. */
    EVEN,
    /** Four bytes before an aligned address, rows of matrices with gaps between them. */
    ODD
  }

  /** Something done to the float inputs before a run. */
  public enum Hurt { NOTHING, NAN_ROW, INFINITE_ROW }

  private final Arguments arguments;
  private final Map<String, MemorySegment> guarded = new LinkedHashMap<>();

  private PlacedArguments(Arguments arguments) {
    this.arguments = arguments;
  }

  /**
   * Makes them in the arena. Inputs are the same for the same case, whatever the variant.
   *
   * @param layouts of weights, as the variant wants them
   */
  public static PlacedArguments of(
      KernelSpec spec, Case c, DType dtype, Map<String, Layout> layouts, Hurt hurt, Placement placement, Arena arena) {
    PlacedArguments made = new PlacedArguments(spec.arguments());
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
      made.place(param, plain, layouts.getOrDefault(param.name(), Layout.ROW_MAJOR), placement, arena);
    }
    made.arguments.checked();
    return made;
  }

  /** The checked call. */
  public Arguments arguments() {
    return arguments;
  }

  /** The memory of each buffer with the guard bytes around it, by parameter. */
  public Map<String, MemorySegment> buffers() {
    return Collections.unmodifiableMap(guarded);
  }

  /**
   * A call over copies of {@link #buffers} that lie elsewhere.
   *
   * @param call these arguments, or others whose buffers are among these
   * @param copies where each buffer's copy begins, guard bytes included
   */
  public Arguments elsewhere(Arguments call, Map<String, MemorySegment> copies) {
    Arguments moved = call.copy();
    for (String name : guarded.keySet()) {
      View view = call.view(name);
      String owner = guarded.entrySet().stream().filter(e -> holds(e.getValue(), view)).findFirst().orElseThrow().getKey();
      long address = copies.get(owner).address() + view.segment().address() - guarded.get(owner).address();
      moved.set(name, view.at(MemorySegment.ofAddress(address)));
    }
    return moved.checked();
  }

  private static boolean holds(MemorySegment whole, View view) {
    long offset = view.segment().address() - whole.address();
    return offset >= 0 && offset < whole.byteSize();
  }

  private static void poison(View view, Hurt hurt) {
    float value = hurt == Hurt.NAN_ROW ? Float.NaN : Float.POSITIVE_INFINITY;
    long row = view.elements() / Math.max(1, view.extent(0));
    for (long i = 0; i < Math.min(row, view.elements()); i++) {
      Cells.set(view.segment(), view.dtype(), i, value);
    }
  }

  private void place(Param param, View plain, Layout layout, Placement placement, Arena arena) {
    boolean rowMajor = layout.equals(Layout.ROW_MAJOR);
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

  /** Names the buffers whose surroundings, or the gaps between whose rows, were written; empty if none were. */
  public String trespasses() {
    StringBuilder names = new StringBuilder();
    guarded.forEach((name, whole) -> {
      View view = arguments.view(name);
      long inner = view.segment().address() - whole.address();
      long size = view.segment().byteSize();
      long row = view.layout().equals(Layout.ROW_MAJOR) ? rowBytes(view) : size;
      long stride = view.layout().equals(Layout.ROW_MAJOR) ? Math.max(1, view.rowStride() * view.dtype().bytes()) : Math.max(1, size);
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
