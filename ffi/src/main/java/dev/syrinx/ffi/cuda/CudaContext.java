package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.NativeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A GPU in use: its primary context, which everything else of this package is made in.
 *
 * <p>A context is current per thread of the system, so whoever comes from another thread, or from a virtual one, calls {@link #enter} first.
 */
public final class CudaContext implements AutoCloseable {
  // CUdevice_attribute
  private static final int L2_BYTES = 38;
  private static final int SHARED_BYTES_OPT_IN = 97;

  private final CudaDriver driver;
  private final CudaApi api;
  private final CudaDevice device;
  private final int deviceHandle;
  private final long handle;
  private final int sharedBytes;
  private final int l2Bytes;
  private volatile boolean lost;
  private boolean closed;

  private CudaContext(CudaDriver driver, CudaDevice device) {
    this.driver = driver;
    this.device = device;
    api = driver.api();
    deviceHandle = driver.handle(device.index());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check("cuDevicePrimaryCtxRetain(cuda:" + device.index() + ")", api.ctxRetain.call(out.address(), deviceHandle));
      handle = out.get(JAVA_LONG, 0);
    }
    enter();
    sharedBytes = attribute(SHARED_BYTES_OPT_IN);
    l2Bytes = attribute(L2_BYTES);
  }

  /**
   * Opens a GPU and makes it current for the calling thread.
   *
   * @param ordinal the N of {@code cuda:N}
   * @throws NativeException if there is no such GPU, or it refuses
   */
  public static CudaContext open(CudaDriver driver, int ordinal) {
    List<CudaDevice> devices = driver.devices();
    if (ordinal < 0 || ordinal >= devices.size()) {
      throw new NativeException("there is no cuda:" + ordinal + "; the driver lists " + (devices.isEmpty() ? "no GPU" : "cuda:0 to cuda:" + (devices.size() - 1)));
    }
    return new CudaContext(driver, devices.get(ordinal));
  }

  /** Makes this context the calling thread's. */
  public void enter() {
    check("cuCtxSetCurrent", api.ctxSetCurrent.call(handle));
  }

  public CudaDevice device() {
    return device;
  }

  /** Most dynamic shared memory of a block that asks for it. */
  public int sharedBytes() {
    return sharedBytes;
  }

  /** Size of the second-level cache. */
  public int l2Bytes() {
    return l2Bytes;
  }

  /**
   * The device's memory, all processes together.
   *
   * @param free bytes that an allocation may still get
   * @param total bytes in all
   */
  public record Memory(long free, long total) {}

  /** How much memory is free now. */
  public Memory memory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      check("cuMemGetInfo", api.memInfo.call(out.address(), out.address() + 8));
      return new Memory(out.get(JAVA_LONG, 0), out.get(JAVA_LONG, 8));
    }
  }

  /** Waits for everything in the context. */
  public void synchronize() {
    check("cuCtxSynchronize", api.ctxSynchronize.call());
  }

  /** Whether an error made the context useless. */
  public boolean lost() {
    return lost;
  }

  private int attribute(int attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check("cuDeviceGetAttribute(" + attribute + ")", api.deviceAttribute.call(out.address(), attribute, deviceHandle));
      return out.get(JAVA_INT, 0);
    }
  }

  CudaApi api() {
    return api;
  }

  /** @param call a constant, so that a call that succeeds builds no text */
  void check(String call, int status) {
    if (status != 0) {
      throw failure(call, status);
    }
  }

  /** What to throw for an error status, with the remedy. */
  CudaException failure(String call, int status) {
    String meaning = driver.meaning(status) + "; " + CudaStatus.remedy(status);
    if (CudaStatus.fatal(status)) {
      lost = true;
      return new ContextLostException(
          call, status, driver.meaning(status) + "; the device's context is lost and this process must be restarted; " + CudaStatus.remedy(status));
    }
    if (status != CudaStatus.OUT_OF_MEMORY.code()) {
      return new CudaException(call, status, meaning);
    }
    Memory memory = memory();
    return new DeviceOutOfMemoryException(call, String.format("%s (%,d of %,d MiB are free)", meaning, memory.free >> 20, memory.total >> 20));
  }

  /** Gives the context back; what was made in it must be closed before. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cuDevicePrimaryCtxRelease", api.ctxRelease.call(deviceHandle));
    }
  }

  @Override
  public String toString() {
    return "cuda:" + device.index() + " (" + device.name() + ")";
  }
}
