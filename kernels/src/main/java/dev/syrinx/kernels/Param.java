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
 * @param below for integer inputs: values lie in [0, this axis or scalar); empty if unconstrained
 */
public record Param(String name, Role role, DType type, List<String> axes, boolean optional, String below) {
  /** What a kernel does with a parameter. */
  public enum Role { IN, OUT, INOUT, SCALAR }

  /** A float input. */
  public static Param in(String name, String... axes) {
    return new Param(name, Role.IN, DType.F32, List.of(axes), false, "");
  }

  /** An input that takes each of the kernel's storage types. */
  public static Param weight(String name, String... axes) {
    return new Param(name, Role.IN, null, List.of(axes), false, "");
  }

  /** A float output. */
  public static Param out(String name, String... axes) {
    return new Param(name, Role.OUT, DType.F32, List.of(axes), false, "");
  }

  /** A float buffer that is read and written. */
  public static Param inout(String name, String... axes) {
    return new Param(name, Role.INOUT, DType.F32, List.of(axes), false, "");
  }

  /** An int32 input buffer whose values lie in [0, below), where below names an axis or an int scalar. */
  public static Param indices(String name, String below, String... axes) {
    return new Param(name, Role.IN, DType.I32, List.of(axes), false, below);
  }

  /** An int32 output buffer. */
  public static Param outIndices(String name, String... axes) {
    return new Param(name, Role.OUT, DType.I32, List.of(axes), false, "");
  }

  /** An int32 scalar. */
  public static Param i32(String name) {
    return new Param(name, Role.SCALAR, DType.I32, List.of(), false, "");
  }

  /** A float scalar. */
  public static Param f32(String name) {
    return new Param(name, Role.SCALAR, DType.F32, List.of(), false, "");
  }

  /** The same parameter, but it may be absent. */
  public Param orAbsent() {
    return new Param(name, role, type, axes, true, below);
  }

  public boolean buffer() {
    return role != Role.SCALAR;
  }

  public boolean written() {
    return role == Role.OUT || role == Role.INOUT;
  }
}
