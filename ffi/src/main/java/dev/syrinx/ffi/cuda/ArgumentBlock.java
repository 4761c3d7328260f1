package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The values of a kernel's parameters and the array of pointers to them that a launch takes. Laid out once, then refilled from the first parameter on without
 * allocation. The driver copies the values at launch.
 */
public final class ArgumentBlock {
  /** Kind of a parameter. */
  public enum Kind {
    ADDRESS(8),
    INT(8),
    FLOAT(8),
    /** A tensor map: see {@link TensorMaps}. */
    MAP(TensorMaps.BYTES);

    private final long room;

    Kind(long room) {
      this.room = room;
    }
  }

  private final Kind[] kinds;
  private final long[] places;
  private final MemorySegment values;
  private final MemorySegment pointers;
  private int next;

  /** Lays it out in the arena. */
  public ArgumentBlock(Arena arena, List<Kind> kinds) {
    this.kinds = kinds.toArray(Kind[]::new);
    places = new long[this.kinds.length];
    long end = 0;
    for (int i = 0; i < places.length; i++) {
      places[i] = Math.ceilDiv(end, alignment(this.kinds[i])) * alignment(this.kinds[i]);
      end = places[i] + this.kinds[i].room;
    }
    values = arena.allocate(Math.max(8, end), TensorMaps.ALIGNMENT);
    pointers = arena.allocate(Math.max(1, places.length) * 8L, 8);
    for (int i = 0; i < places.length; i++) {
      pointers.setAtIndex(JAVA_LONG, i, values.address() + places[i]);
    }
  }

  private static long alignment(Kind kind) {
    return kind == Kind.MAP ? TensorMaps.ALIGNMENT : 8; // any other kind
  }

  /** Begins again with the first parameter. */
  public ArgumentBlock rewind() {
    next = 0;
    return this;
  }

  /** Next parameter: an address on the device, 0 for none. */
  public ArgumentBlock address(long value) {
    values.set(JAVA_LONG, place(Kind.ADDRESS), value);
    return this;
  }

  /** Next parameter: an int. */
  public ArgumentBlock integer(int value) {
    values.set(JAVA_INT, place(Kind.INT), value);
    return this;
  }

  /** Next parameter: a float. */
  public ArgumentBlock real(float value) {
    values.set(JAVA_FLOAT, place(Kind.FLOAT), value);
    return this;
  }

  /** Address on the host of the next parameter, a tensor map, for {@link TensorMaps} to write. */
  public long map() {
    return values.address() + place(Kind.MAP);
  }

  private long place(Kind kind) {
    if (next >= kinds.length || kinds[next] != kind) {
      throw new IllegalStateException("parameter " + next + " of " + List.of(kinds) + " is no " + kind);
    }
    return places[next++];
  }

  /** Address of the {@code void**} for a launch. */
  long pointers() {
    complete();
    return pointers.address();
  }

  /** @throws IllegalStateException unless every parameter was written */
  void complete() {
    if (next != kinds.length) {
      throw new IllegalStateException("only " + next + " of " + kinds.length + " parameters were written");
    }
  }

  /** Number of parameters. */
  public int size() {
    return kinds.length;
  }

  /** Kind of a parameter. */
  Kind kind(int i) {
    return kinds[i];
  }

  /** Memory of a parameter's value. */
  MemorySegment value(int i) {
    return values.asSlice(places[i], kinds[i].room);
  }
}
