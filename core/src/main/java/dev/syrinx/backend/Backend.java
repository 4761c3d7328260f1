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

  /** Type in which keys and values are kept beside weights of this type: float32, or half precision. */
  default DType cache(DType weights) {
    return DType.F32;
  }

  /** Columns that a product of halves should have at least, lest matrix units idle; 0 if it does not matter. */
  default int wideColumns() {
    return 0;
  }

  /** Whether a checked call of a fused operation takes less time here than its parts after each other. */
  default boolean fuses(Arguments call) {
    return false;
  }

  /** Runs a checked call, or records it while capturing. Asynchronous where the device is. */
  void run(Arguments call);

  /** Records the calls that {@code step} makes, without running them. Memory allocated inside belongs to the recording. */
  Replay capture(Runnable step);

  /** Whether calls return before their work is done, so that the host may get ready for what comes next meanwhile. */
  default boolean worksAlone() {
    return false;
  }

  /** Whether nothing is computed and only memory is counted: then what would be written need not be made. */
  default boolean rehearsal() {
    return false;
  }

  /**
   * The same for a step whose rows must not depend on each other.
   *
   * @param rowwise whether a row of a product must give the same bytes however many rows there are
   */
  default Replay capture(Runnable step, boolean rowwise) {
    return capture(step);
  }

  /** Memory outside of all scopes that can be given back: for what grows while the backend lives. Uninitialised. */
  default Reserved reserve(long bytes) {
    return new Reserved(allocate(bytes), () -> {});
  }

  /**
   * Something to look at small numbers while work goes on.
   *
   * @param from where they lie
   * @param bytes how many there are
   * @param depth most looks at a time
   */
  default Poll poll(MemorySegment from, int bytes, int depth) {
    return new HostPoll(this, from, bytes);
  }

  /** Waits for all work that was started. */
  void synchronize();

  /** Bytes of memory held: weights, caches and temporaries at their high-water mark. */
  long reservedBytes();

  @Override
  void close();

  /**
   * Memory that can be given back.
   *
   * @param memory the memory
   * @param release gives it back
   */
  record Reserved(MemorySegment memory, Runnable release) implements AutoCloseable {
    @Override
    public void close() {
      release.run();
    }
  }

  /**
   * Looks at memory as it is after the work that was started before each look; of what is started later a look may see any 32-bit number already, so it is for numbers that tell the
   * same or more the later they are read. Looks end in their order.
   */
  interface Poll extends AutoCloseable {
    /** Starts a look; returns at once where the device works by itself. */
    void start();

    /** Waits for the oldest look that was started and not awaited; valid until as many more are started as the depth allows. */
    MemorySegment await();

    /** Whether a look is over when it is started, so that nothing is gained by starting several. */
    default boolean immediate() {
      return false;
    }

    @Override
    void close();
  }

  /** Ends a scope of temporaries. */
  interface Scope extends AutoCloseable {
    @Override
    void close();
  }
}
