package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import java.lang.foreign.MemorySegment;

/**
 * The seam between the model and a machine: memory, running a call, recording calls. It names no operation, so a new one never changes it.
 */
public interface Backend extends AutoCloseable {
  /** What runs here, in words. */
  String description();

  /** Memory for weights and caches that lives as long as the backend; uninitialised, 64-byte aligned. */
  MemorySegment allocate(long bytes);

  /** Memory for a temporary that lives until the innermost {@link #scope} ends. */
  MemorySegment temporary(long bytes);

  /** Opens a scope of temporaries. */
  Scope scope();

  /** Copies host memory in. */
  void upload(MemorySegment from, MemorySegment to);

  /** Copies memory out to the host, after all work that was started. */
  void download(MemorySegment from, MemorySegment to);

  /** The layout in which this backend's variant of a kernel wants a weight. */
  Layout layout(KernelSpec spec, String param);

  /** Whether products with 16-bit weights are faster here than those with float32: then all networks follow the precision that is asked for. */
  default boolean narrowProducts() {
    return false;
  }

  /** Type in which the other factor of a product with weights of this type is best stored: float32, or half precision. */
  default DType factors(DType weights) {
    return DType.F32;
  }

  /** Runs a checked call, or records it while capturing. Asynchronous where the device is. */
  void run(Arguments call);

  /** Records the calls that {@code step} makes, without running them. Memory allocated inside belongs to the recording. */
  Replay capture(Runnable step);

  /** Whether nothing is computed and only memory is counted: then what would be written need not be made. */
  default boolean rehearsal() {
    return false;
  }

  /** Waits for all work that was started. */
  void synchronize();

  /** Bytes of memory held: weights, caches and temporaries at their high-water mark. */
  long reservedBytes();

  @Override
  void close();

  /** Ends a scope of temporaries. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
