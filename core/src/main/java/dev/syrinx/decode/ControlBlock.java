package dev.syrinx.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.tensor.Workspace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Small numbers that change every step: written on the host, uploaded in one piece, read by recorded calls. Nothing but its making
 * allocates.
 */
final class ControlBlock implements AutoCloseable {
  private static final int ALIGNMENT = (int) (Workspace.ALIGNMENT / Integer.BYTES);

  private final Ops ops;
  private final int[] starts;
  private final Tensor device;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host;

  /** @param sizes 32-bit numbers of each part */
  ControlBlock(Ops ops, int... sizes) {
    this.ops = ops;
    starts = new int[sizes.length];
    int total = 0;
    for (int i = 0; i < sizes.length; i++) {
      starts[i] = total;
      total += Math.ceilDiv(sizes[i], ALIGNMENT) * ALIGNMENT;
    }
    device = ops.emptyInts(total);
    host = arena.allocate(total * 4L, Workspace.ALIGNMENT);
  }

  /** A part as a device tensor. */
  Tensor ints(int part, int... shape) {
    return tensor(part, DType.I32, shape);
  }

  Tensor floats(int part, int... shape) {
    return tensor(part, DType.F32, shape);
  }

  private Tensor tensor(int part, DType dtype, int... shape) {
    MemorySegment memory = device.rows(starts[part], device.rows()).view().segment();
    return Tensor.of(View.of(memory, dtype, shape));
  }

  void set(int part, int at, int value) {
    host.setAtIndex(JAVA_INT, starts[part] + at, value);
  }

  void set(int part, int at, float value) {
    host.setAtIndex(JAVA_FLOAT, starts[part] + at, value);
  }

  /** Numbers {@code from} to {@code to} of an array to the same places of a row of a part. */
  void copy(int part, int rowStart, int[] values, int from, int to) {
    MemorySegment.copy(values, from, host, JAVA_INT, (starts[part] + rowStart + from) * 4L, to - from);
  }

  /** A number as it was written or pulled. */
  int get(int part, int at) {
    return host.getAtIndex(JAVA_INT, starts[part] + at);
  }

  float real(int part, int at) {
    return host.getAtIndex(JAVA_FLOAT, starts[part] + at);
  }

  /** {@code count} numbers of a part from {@code at} on. */
  int[] ints(int part, int at, int count, int[] into) {
    MemorySegment.copy(host, JAVA_INT, (starts[part] + at) * 4L, into, 0, count);
    return into;
  }

  /** Sets {@code count} numbers of a part. */
  void fill(int part, int at, int count, int value) {
    MemorySegment numbers = host.asSlice((starts[part] + at) * 4L, count * 4L);
    if (value == 0) {
      numbers.fill((byte) 0); // a loop takes milliseconds before Java has compiled it, and the device waits
      return;
    }
    for (int i = 0; i < count; i++) {
      numbers.setAtIndex(JAVA_INT, i, value);
    }
  }

  /** The device's memory from the beginning of a part on. */
  MemorySegment from(int part) {
    return device.rows(starts[part], device.rows()).view().segment();
  }

  /** Where a part begins behind another one, in numbers. */
  int distance(int first, int part) {
    return starts[part] - starts[first];
  }

  /** Fetches what the device has, after all work that was started. */
  void pull() {
    ops.backend().download(device.view().segment(), host);
  }

  /** Makes what was written visible to the device. */
  void push() {
    ops.backend().upload(host, device.view().segment());
  }

  @Override
  public void close() {
    arena.close();
  }
}
