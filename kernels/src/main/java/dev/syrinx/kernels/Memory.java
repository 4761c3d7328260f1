package dev.syrinx.kernels;

import static dev.syrinx.kernels.Species.F;
import static dev.syrinx.kernels.Species.I;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Loads and stores by address, for the inner loops of vector bodies.
 *
 * <p>Hazard: nothing is checked here. {@link Arguments#checked} has proved before that the strides and extents of a call stay inside its
 * buffers, and the contract tests surround every buffer with guard bytes. The reason: over one constant segment the checks of every access
 * fold away.
 *
 * <p>Hazard for large bodies: once a method has grown past C2's node limit, these small helpers are no longer inlined, and a vector that is
 * passed to a call is allocated at every turn of the loop it comes from. Such methods (the many accumulators of a matrix tile) use
 * {@link #ALL} with the Vector API directly, whose methods are inlined by force: the tile went from 20 to 187 GFLOP/s by that alone (one
 * core, AVX-512).
 */
public final class Memory {
  /** All of memory, by absolute address. */
  public static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Memory() {}

  /** Address of a buffer's first element. */
  public static long address(Arguments a, String name) {
    return a.segment(name).address();
  }

  /** Address of an optional buffer, 0 if absent. */
  public static long addressOrZero(Arguments a, String name) {
    return a.has(name) ? a.segment(name).address() : 0;
  }

  public static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(F, ALL, address, LITTLE_ENDIAN);
  }

  public static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(F, ALL, address, LITTLE_ENDIAN, mask);
  }

  /** One float in every lane. */
  public static FloatVector spread(long address) {
    return FloatVector.broadcast(F, ALL.get(JAVA_FLOAT_UNALIGNED, address));
  }

  public static void store(FloatVector v, long address) {
    v.intoMemorySegment(ALL, address, LITTLE_ENDIAN);
  }

  public static void store(FloatVector v, long address, VectorMask<Float> mask) {
    v.intoMemorySegment(ALL, address, LITTLE_ENDIAN, mask);
  }

  public static IntVector bits(long address) {
    return IntVector.fromMemorySegment(I, ALL, address, LITTLE_ENDIAN);
  }

  public static float get(long address) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address);
  }

  public static void set(long address, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address, value);
  }

  public static int getInt(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  /** Copies floats; the runs may not overlap. */
  public static void copy(long from, long to, long floats) {
    MemorySegment.copy(ALL, from, ALL, to, floats * 4);
  }
}
