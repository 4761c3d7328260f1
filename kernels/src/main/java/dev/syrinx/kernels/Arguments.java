package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The arguments of one call, by name: buffers, scalars and the extents that the buffers bind. Filled once, checked once by
 * {@link #checked()}, then read by bodies any number of times without allocation.
 */
public final class Arguments {
  private final KernelSpec spec;
  private final View[] views;
  private final int[] ints;
  private final float[] floats;
  private final boolean[] present;
  private final int[] extents;

  Arguments(KernelSpec spec) {
    this.spec = spec;
    int count = spec.params().size();
    views = new View[count];
    ints = new int[count];
    floats = new float[count];
    present = new boolean[count];
    extents = new int[spec.axes().size()];
    java.util.Arrays.fill(extents, -1);
  }

  /** The same bindings, not checked yet. */
  public Arguments copy() {
    Arguments copy = new Arguments(spec);
    System.arraycopy(views, 0, copy.views, 0, views.length);
    System.arraycopy(ints, 0, copy.ints, 0, ints.length);
    System.arraycopy(floats, 0, copy.floats, 0, floats.length);
    System.arraycopy(present, 0, copy.present, 0, present.length);
    return copy;
  }

  /** Binds a buffer. */
  public Arguments set(String name, View view) {
    int i = spec.index(name);
    views[i] = view;
    present[i] = true;
    return this;
  }

  /** Binds an int scalar. May be changed between runs of a recorded call. */
  public Arguments set(String name, int value) {
    int i = spec.index(name);
    ints[i] = value;
    present[i] = true;
    return this;
  }

  /** Binds a float scalar. */
  public Arguments set(String name, float value) {
    int i = spec.index(name);
    floats[i] = value;
    present[i] = true;
    return this;
  }

  /**
   * Checks presence, types, ranks, extents and memory bounds against the declaration.
   *
   * @throws KernelArgumentException naming the kernel, the parameter, what was expected and what was found
   */
  public Arguments checked() {
    List<Param> params = spec.params();
    for (int i = 0; i < params.size(); i++) {
      Param param = params.get(i);
      if (!present[i]) {
        if (!param.optional()) {
          throw new KernelArgumentException(spec.name(), param.name(), "is missing");
        }
      } else if (param.buffer()) {
        checkBuffer(param, views[i]);
      }
    }
    spec.constraint().check(this);
    return this;
  }

  private void checkBuffer(Param param, View view) {
    if (view == null) {
      throw new KernelArgumentException(spec.name(), param.name(), "is a buffer, but a scalar was given");
    }
    DType type = param.type();
    if (type == null ? !spec.dtypes().contains(view.dtype()) : type != view.dtype() && !(param.half() && view.dtype() == DType.F16)) {
      throw new KernelArgumentException(spec.name(), param.name(), "wants " + (type == null ? spec.dtypes() : type) + ", got " + view);
    }
    if (view.rank() != param.axes().size()) {
      throw new KernelArgumentException(spec.name(), param.name(), "wants axes " + param.axes() + ", got " + view);
    }
    for (int axis = 0; axis < view.rank(); axis++) {
      bind(param, param.axes().get(axis), view.extent(axis));
    }
    // A device address is a zero-length segment: its extent is the allocator's business.
    if (view.segment().byteSize() != 0 && view.spanBytes() > view.segment().byteSize()) {
      throw new KernelArgumentException(
          spec.name(), param.name(), view + " needs " + view.spanBytes() + " bytes, its memory has " + view.segment().byteSize());
    }
  }

  private void bind(Param param, String axis, int extent) {
    int i = spec.axes().indexOf(axis);
    if (extents[i] >= 0 && extents[i] != extent) {
      throw new KernelArgumentException(
          spec.name(), param.name(), "axis " + axis + " is " + extent + ", but an earlier parameter has " + extents[i]);
    }
    extents[i] = extent;
  }

  public KernelSpec spec() {
    return spec;
  }

  /** Extent of a named axis, as bound by the buffers. */
  public int dim(String axis) {
    return extents[spec.axisIndex(axis)];
  }

  /** Whether an optional parameter was given. */
  public boolean has(String name) {
    return present[spec.index(name)];
  }

  public View view(String name) {
    View view = views[spec.index(name)];
    if (view == null) {
      throw new KernelArgumentException(spec.name(), name, "is absent");
    }
    return view;
  }

  /** Memory of a buffer. */
  public MemorySegment segment(String name) {
    return view(name).segment();
  }

  /** Row stride of a buffer in elements. */
  public long stride(String name) {
    return view(name).rowStride();
  }

  public DType dtype(String name) {
    return view(name).dtype();
  }

  /** An element of a floating-point buffer by its index. */
  public float real(String name, long index) {
    return Cells.get(segment(name), dtype(name), index);
  }

  /** Sets an element of a float buffer, or of one in half precision, rounding once. */
  public void setReal(String name, long index, double value) {
    Cells.set(segment(name), dtype(name), index, value);
  }

  /** Whether any buffer that is float32 by declaration is in half precision. */
  public boolean halves() {
    for (int i = 0; i < views.length; i++) {
      if (views[i] != null && views[i].dtype() == DType.F16 && spec.params().get(i).half()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a buffer is there and in half precision. */
  public boolean half(String name) {
    return has(name) && dtype(name) == DType.F16;
  }

  /** Value of an int scalar. */
  public int i32(String name) {
    return ints[spec.index(name)];
  }

  /** Value of a float scalar. */
  public float f32(String name) {
    return floats[spec.index(name)];
  }

  /**
   * All that a device's plan may depend on: presence, types, alignment and strides of buffers, scalars, extents. Checked calls with equal signatures have equal launches.
   * Weights in a packed layout are told apart from others, but not from each other.
   */
  public long[] signature() {
    long[] numbers = new long[2 * views.length + extents.length];
    for (int i = 0; i < views.length; i++) {
      View view = views[i];
      if (!present[i]) {
        numbers[2 * i] = -1;
      } else if (view != null) {
        long place = (view.layout().equals(Layout.ROW_MAJOR) ? 0 : 128) + view.segment().address() % 128;
        numbers[2 * i] = 256L * view.dtype().name().hashCode() + place;
        numbers[2 * i + 1] = view.rank() == 0 ? 0 : view.rowStride();
      } else {
        numbers[2 * i] = ints[i];
        numbers[2 * i + 1] = Float.floatToRawIntBits(floats[i]);
      }
    }
    for (int i = 0; i < extents.length; i++) {
      numbers[2 * views.length + i] = extents[i];
    }
    return numbers;
  }

  boolean given(int param) {
    return present[param];
  }

  View viewAt(int param) {
    return views[param];
  }

  int intAt(int param) {
    return ints[param];
  }

  float floatAt(int param) {
    return floats[param];
  }

  int extentAt(int axis) {
    return extents[axis];
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(spec.name()).append('(');
    for (int i = 0; i < views.length; i++) {
      if (present[i]) {
        Param param = spec.params().get(i);
        text.append(text.charAt(text.length() - 1) == '(' ? "" : ", ").append(param.name()).append('=');
        text.append(param.buffer() ? views[i] : param.type() == DType.I32 ? ints[i] : floats[i]);
      }
    }
    return text.append(')').toString();
  }
}
