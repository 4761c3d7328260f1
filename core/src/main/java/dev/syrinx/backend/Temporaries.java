package dev.syrinx.backend;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
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
    backend.upload(MemorySegment.ofArray(values), slice(target));
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
    backend.upload(MemorySegment.ofArray(values), slice(target));
  }

  /** Elements of a float tensor, or of one in half precision, on the host, row-major. */
  public float[] download(Tensor tensor) {
    if (tensor.elements() == 0) {
      return new float[0];
    }
    if (tensor.dtype() == DType.F16) {
      Tensor packed = tensor.view().contiguous() ? tensor : copy(tensor);
      short[] halves = new short[Math.toIntExact(packed.elements())];
      backend.download(slice(packed), MemorySegment.ofArray(halves));
      return widened(halves);
    }
    float[] values = new float[Math.toIntExact(tensor.elements())];
    downloadInto(tensor, values, 0);
    return values;
  }

  /** Elements of a float tensor, row-major, into a part of an array. */
  public void downloadInto(Tensor tensor, float[] target, int at) {
    Tensor packed = tensor.view().contiguous() ? tensor : copy(tensor);
    backend.download(slice(packed), MemorySegment.ofArray(target).asSlice(4L * at, 4 * packed.elements()));
  }

  private static float[] widened(short[] halves) {
    float[] values = new float[halves.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.float16ToFloat(halves[i]);
    }
    return values;
  }

  /** An int tensor's elements on the host; contiguous. */
  public int[] downloadInts(Tensor tensor) {
    int[] values = new int[Math.toIntExact(tensor.elements())];
    backend.download(slice(tensor), MemorySegment.ofArray(values));
    return values;
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
