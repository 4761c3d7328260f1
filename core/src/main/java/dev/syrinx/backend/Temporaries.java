package dev.syrinx.backend;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The memory half of {@link Ops}: temporaries of the open scope, and what goes between them and the host. */
abstract sealed class Temporaries permits Ops {
  private final Backend backend;

  Temporaries(Backend backend) {
    this.backend = backend;
  }

  /** Where everything runs. */
  public Backend backend() {
    return backend;
  }

  /** A copy with contiguous rows. */
  public abstract Tensor copy(Tensor x);

  /** Opens a scope: temporaries made after this are given back when it is closed. */
  public Backend.Scope scope() {
    return backend.scope();
  }

  /** An uninitialised float temporary. */
  public Tensor empty(int... shape) {
    return make(DType.F32, shape);
  }

  /** An uninitialised temporary of a type. */
  public Tensor empty(DType dtype, int... shape) {
    return make(dtype, shape);
  }

  /** An uninitialised int32 temporary. */
  public Tensor emptyInts(int... shape) {
    return make(DType.I32, shape);
  }

  private Tensor make(DType dtype, int... shape) {
    long elements = 1;
    for (int extent : shape) {
      if (extent < 0) {
        throw new ShapeException("a tensor of negative extent " + Arrays.toString(shape));
      }
      elements = Math.multiplyExact(elements, (long) extent);
    }
    return Tensor.of(View.of(backend.temporary(elements * dtype.bytes()), dtype, shape));
  }

  /** Host floats as a temporary. */
  public Tensor upload(float[] values, int... shape) {
    Tensor made = empty(shape);
    uploadInto(values, made);
    return made;
  }

  /** Host floats into a contiguous tensor. */
  public void uploadInto(float[] values, Tensor target) {
    fits(target, values.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocateFrom(JAVA_FLOAT, values);
      backend.upload(staging, slice(target));
    }
  }

  /** Host ints as a temporary. */
  public Tensor uploadInts(int[] values, int... shape) {
    Tensor made = emptyInts(shape);
    uploadIntsInto(values, made);
    return made;
  }

  /** Host ints into a contiguous tensor. */
  public void uploadIntsInto(int[] values, Tensor target) {
    fits(target, values.length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocateFrom(JAVA_INT, values);
      backend.upload(staging, slice(target));
    }
  }

  /** Elements of a float tensor, or of one in half precision, on the host, row-major. */
  public float[] download(Tensor tensor) {
    if (tensor.elements() == 0) {
      return new float[0];
    }
    Tensor packed = tensor.view().contiguous() ? tensor : copy(tensor);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(packed.elements() * 4, 64);
      backend.download(slice(packed), staging.asSlice(0, packed.elements() * packed.dtype().bytes()));
      return packed.dtype() == DType.F16 ? widened(staging, packed.elements()) : staging.toArray(JAVA_FLOAT);
    }
  }

  private static float[] widened(MemorySegment halves, long count) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.float16ToFloat(halves.getAtIndex(JAVA_SHORT, i));
    }
    return values;
  }

  /** An int tensor's elements on the host; contiguous. */
  public int[] downloadInts(Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.max(4, tensor.elements() * 4), 64);
      backend.download(slice(tensor), staging.asSlice(0, tensor.elements() * 4));
      return staging.asSlice(0, tensor.elements() * 4).toArray(JAVA_INT);
    }
  }

  private static MemorySegment slice(Tensor tensor) {
    MemorySegment memory = tensor.view().segment();
    return memory.byteSize() == 0 ? memory : memory.asSlice(0, tensor.elements() * tensor.dtype().bytes());
  }

  private static void fits(Tensor target, int count) {
    if (target.elements() != count || !target.view().contiguous()) {
      throw new ShapeException(count + " numbers into " + target);
    }
  }
}
