package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A kernel on a device. Lives as long as its module. */
public final class CudaFunction {
  /** Dynamic shared memory that a block may use without asking. */
  private static final int SHARED_WITHOUT_ASKING = 48 << 10;

  // CUfunction_attribute
  private static final int MAX_THREADS = 0;
  private static final int STATIC_SHARED_BYTES = 1;
  private static final int LOCAL_BYTES = 3;
  private static final int REGISTERS = 4;
  private static final int BINARY_VERSION = 6;
  private static final int MAX_DYNAMIC_SHARED_BYTES = 8;
  private static final int NON_PORTABLE_CLUSTERS = 14;

  private final CudaContext context;
  private final String name;
  private final long handle;
  private int sharedAllowed = SHARED_WITHOUT_ASKING;

  CudaFunction(CudaContext context, String name, long handle) {
    this.context = context;
    this.name = name;
    this.handle = handle;
    attributes(); // loads it now: a driver that loads lazily would do so at the first launch, which may lie in a capture
  }

  /**
   * What the compiler made of it.
   *
   * @param registers of a thread
   * @param localBytes of a thread: more than 0 means spilled registers or an indexed array
   * @param sharedBytes static shared memory of a block
   * @param maxThreads of a block
   * @param binary compute capability of its machine code, 90 for 9.0
   */
  public record Attributes(int registers, int localBytes, int sharedBytes, int maxThreads, int binary) {}

  public String name() {
    return name;
  }

  /** The driver's handle, which other bindings of the driver take, too. */
  public long handle() {
    return handle;
  }

  CudaContext context() {
    return context;
  }

  public Attributes attributes() {
    return new Attributes(attribute(REGISTERS), attribute(LOCAL_BYTES), attribute(STATIC_SHARED_BYTES), attribute(MAX_THREADS), attribute(BINARY_VERSION));
  }

  /** Sizes of its parameters in bytes, in order. */
  public List<Integer> parameterBytes() {
    List<Integer> sizes = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      while (context.api().funcParameter.call(handle, (long) sizes.size(), out.address(), out.address() + 8) == 0) {
        sizes.add(Math.toIntExact(out.get(JAVA_LONG, 8)));
      }
    }
    return sizes;
  }

  private int attribute(int attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      int status = context.api().funcAttribute.call(out.address(), attribute, handle);
      if (status != 0) {
        throw context.failure("cuFuncGetAttribute(" + name + ")", status);
      }
      return out.get(JAVA_INT, 0);
    }
  }

  /**
   * Allows blocks this much dynamic shared memory. Asked for by the launchers; costs nothing when it is allowed already. The device's most is allowed at once: the driver keeps one
   * number for a kernel, and a smaller one set by another holder of the same kernel would take back what this one counts on.
   *
   * @throws CudaException if no block of this device can have it
   */
  public void allowShared(int bytes) {
    if (bytes > sharedAllowed) {
      int most = Math.max(bytes, context.sharedBytes() - attribute(STATIC_SHARED_BYTES));
      set(MAX_DYNAMIC_SHARED_BYTES, most, "allows at most " + context.sharedBytes() + " bytes of shared memory, " + bytes + " were asked for");
      sharedAllowed = most;
    }
  }

  /** Allows clusters of more than 8 blocks, where the device can run them. */
  public void allowLargeClusters() {
    set(NON_PORTABLE_CLUSTERS, 1, "refuses clusters of more than 8 blocks");
  }

  private void set(int attribute, int value, String refusal) {
    int status = context.api().funcSetAttribute.call(handle, attribute, value);
    if (status != 0) {
      throw context.failure("cuFuncSetAttribute(" + name + "): the device " + refusal, status);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
