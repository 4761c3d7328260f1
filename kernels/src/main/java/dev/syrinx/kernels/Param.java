package dev.syrinx.kernels;

import java.util.List;

/**
 * One parameter of a kernel, in the order of the CUDA entry.
 *
 * @param name parameter name, unique in its kernel
 * @param role what the kernel does with it
 * @param type element or scalar type; null for a buffer that takes the type under test ({@link #weight})
 * @param axes names of a buffer's extents, outermost first; empty for scalars
 * @param optional whether it may be absent
 * @param values what an integer input holds
 * @param below the limit of {@code values}: an axis or an int scalar, or two of them joined by {@code *} or {@code /}; empty if there is
 * none
 * @param half whether a float buffer may be stored in half precision instead
 */
public record Param(String name, Role role, DType type, List<String> axes, boolean optional, Values values, String below, boolean half) {
  /** What a kernel does with a parameter. */
  public enum Role { IN, OUT, INOUT, SCALAR }

  /** What the elements of an integer input may be. */
  public enum Values {
    /** Anything. */
    ANY,
    /** 0 to limit − 1. */
    INDICES,
    /** 0 to limit − 1, none twice. */
    DISTINCT_INDICES,
    /** 1 to limit. */
    COUNTS
  }

  /** One that cannot be in half precision. */
  public Param(String name, Role role, DType type, List<String> axes, boolean optional, Values values, String below) {
    this(name, role, type, axes, optional, values, below, false);
  }

  private static Param plain(String name, Role role, DType type, String... axes) {
    return new Param(name, role, type, List.of(axes), false, Values.ANY, "", false);
  }

  /** A float input. */
  public static Param in(String name, String... axes) {
    return plain(name, Role.IN, DType.F32, axes);
  }

  /** An input that takes each of the kernel's storage types. */
  public static Param weight(String name, String... axes) {
    return plain(name, Role.IN, null, axes);
  }

  /** A float output. */
  public static Param out(String name, String... axes) {
    return plain(name, Role.OUT, DType.F32, axes);
  }

  /** A float buffer that is read and written. */
  public static Param inout(String name, String... axes) {
    return plain(name, Role.INOUT, DType.F32, axes);
  }

  /** An int32 input whose values lie in [0, below): see {@link #below()}. */
  public static Param indices(String name, String below, String... axes) {
    return new Param(name, Role.IN, DType.I32, List.of(axes), false, Values.INDICES, below, false);
  }

  /** An int32 input whose values lie in [0, below), none twice. */
  public static Param distinctIndices(String name, String below, String... axes) {
    return new Param(name, Role.IN, DType.I32, List.of(axes), false, Values.DISTINCT_INDICES, below, false);
  }

  /** An int32 input whose values lie in [1, most]. */
  public static Param counts(String name, String most, String... axes) {
    return new Param(name, Role.IN, DType.I32, List.of(axes), false, Values.COUNTS, most, false);
  }

  /** An int32 output buffer. */
  public static Param outIndices(String name, String... axes) {
    return plain(name, Role.OUT, DType.I32, axes);
  }

  /** An int32 scalar. */
  public static Param i32(String name) {
    return plain(name, Role.SCALAR, DType.I32);
  }

  /** A float scalar. */
  public static Param f32(String name) {
    return plain(name, Role.SCALAR, DType.F32);
  }

  /** The same parameter, but it may be absent. */
  public Param orAbsent() {
    return new Param(name, role, type, axes, true, values, below, half);
  }

  /** The same parameter, but it may be stored in half precision. */
  public Param orHalf() {
    return new Param(name, role, type, axes, optional, values, below, true);
  }

  public boolean buffer() {
    return role != Role.SCALAR;
  }

  public boolean written() {
    return role == Role.OUT || role == Role.INOUT;
  }
}
