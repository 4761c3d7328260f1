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
  public enum Kind { ADDRESS, INT, FLOAT }

  /** Every value has a slot of its own of this size, so that any kind is aligned. */
  private static final long SLOT = 8;

  private final Kind[] kinds;
  private final MemorySegment values;
  private final MemorySegment pointers;
  private int next;

  /** Lays it out in the arena. */
  public ArgumentBlock(Arena arena, List<Kind> kinds) {
    this.kinds = kinds.toArray(Kind[]::new);
    values = arena.allocate(Math.max(1, kinds.size()) * SLOT, SLOT);
    pointers = arena.allocate(Math.max(1, kinds.size()) * SLOT, SLOT);
    for (int i = 0; i < kinds.size(); i++) {
      pointers.setAtIndex(JAVA_LONG, i, values.address() + i * SLOT);
    }
  }

  /** Begins again with the first parameter. */
  public ArgumentBlock rewind() {
    next = 0;
    return this;
  }

  /** Next parameter: an address on the device, 0 for none. */
  public ArgumentBlock address(long value) {
    values.set(JAVA_LONG, slot(Kind.ADDRESS), value);
    return this;
  }

  /** Next parameter: an int. */
  public ArgumentBlock integer(int value) {
    values.set(JAVA_INT, slot(Kind.INT), value);
    return this;
  }

  /** Next parameter: a float. */
  public ArgumentBlock real(float value) {
    values.set(JAVA_FLOAT, slot(Kind.FLOAT), value);
    return this;
  }

  private long slot(Kind kind) {
    if (next >= kinds.length || kinds[next] != kind) {
      throw new IllegalStateException("parameter " + next + " of " + List.of(kinds) + " is no " + kind);
    }
    return next++ * SLOT;
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

  /** Memory of all values, 8 bytes each. */
  MemorySegment values() {
    return values;
  }
}
