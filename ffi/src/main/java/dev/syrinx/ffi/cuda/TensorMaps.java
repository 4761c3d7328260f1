package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.CFunction;
import dev.syrinx.ffi.Downcall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Makes tensor maps: windows on device memory through which a kernel has boxes of 16-bit elements brought to shared memory, 64 columns wide and swizzled as tensor cores
 * want them; what lies outside of the window arrives as zeros. Devices of capability 9.0 and newer. One thread at a time.
 */
public final class TensorMaps {
  /** Size of a map. */
  public static final long BYTES = 128;

  static final long ALIGNMENT = 64;

  /** cuTensorMapEncodeTiled(map, type, axes, address, extents, strides, box, steps, interleave, swizzle, promotion, fill). */
  private static final MethodHandle ENCODE = CFunction.handle(
      JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);

  private static final int FLOAT16 = 6;
  private static final int AXES = 3;
  private static final int SWIZZLE_128_BYTES = 3;
  private static final int PROMOTE_128_BYTES = 2;
  private static final int BOX_COLUMNS = 64;

  private final CudaContext context;
  private final MemorySegment encode;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment extents = arena.allocate(JAVA_LONG, AXES);
  private final MemorySegment strides = arena.allocate(JAVA_LONG, AXES - 1);
  private final MemorySegment box = arena.allocate(JAVA_INT, AXES);
  private final MemorySegment steps = arena.allocate(JAVA_INT, AXES);

  /** For kernels of a context. */
  public TensorMaps(CudaContext context) {
    this.context = context;
    encode = context.api().tensorMap.address();
    for (int i = 0; i < AXES; i++) {
      steps.setAtIndex(JAVA_INT, i, 1);
    }
  }

  /**
   * Writes a map.
   *
   * @param map where, on the host
   * @param address first element on the device, a multiple of 16
   * @param columns elements that follow each other
   * @param rows of a batch, {@code rowBytes} apart, a multiple of 16
   * @param batches {@code batchBytes} apart, a multiple of 16
   * @param boxRows rows of a box, at most 256
   * @throws CudaException if the driver refuses such a window
   */
  public void write(long map, long address, int columns, int rows, int batches, long rowBytes, long batchBytes, int boxRows) {
    extents.setAtIndex(JAVA_LONG, 0, columns);
    extents.setAtIndex(JAVA_LONG, 1, rows);
    extents.setAtIndex(JAVA_LONG, 2, batches);
    strides.setAtIndex(JAVA_LONG, 0, rowBytes);
    strides.setAtIndex(JAVA_LONG, 1, batchBytes);
    box.setAtIndex(JAVA_INT, 0, BOX_COLUMNS);
    box.setAtIndex(JAVA_INT, 1, boxRows);
    box.setAtIndex(JAVA_INT, 2, 1);
    int status;
    try {
      status = (int) ENCODE.invokeExact(
          encode, map, FLOAT16, AXES, address, extents.address(), strides.address(), box.address(), steps.address(), 0, SWIZZLE_128_BYTES, PROMOTE_128_BYTES, 0);
    } catch (Throwable e) {
      throw Downcall.failure("cuTensorMapEncodeTiled", e);
    }
    if (status != 0) {
      throw context.failure(
          "cuTensorMapEncodeTiled of " + batches + " x " + rows + " x " + columns + " elements, rows " + rowBytes + " and batches " + batchBytes + " bytes apart, at "
              + Long.toHexString(address) + " in boxes of " + boxRows + " rows", status);
    }
  }
}
