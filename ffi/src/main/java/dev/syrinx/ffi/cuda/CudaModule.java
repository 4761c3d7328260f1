package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Kernels that were loaded from an image: a fat binary, a cubin or PTX. */
public final class CudaModule implements AutoCloseable {
  // CUjit_option
  private static final int ERROR_LOG_BUFFER = 5;
  private static final int ERROR_LOG_BYTES = 6;

  private static final int LOG_BYTES = 16 << 10;

  /** CUDA_ERROR_NOT_FOUND. */
  private static final int NOT_FOUND = 500;

  private final CudaContext context;
  private final String name;
  private final long handle;
  private final Map<String, CudaFunction> functions = new HashMap<>();
  private boolean closed;

  private CudaModule(CudaContext context, String name, long handle) {
    this.context = context;
    this.name = name;
    this.handle = handle;
  }

  /**
   * Loads an image; PTX is compiled for the device.
   *
   * @param name what messages call it
   * @throws CudaException if it does not fit the device or does not compile; the compiler's log is in the message
   */
  public static CudaModule load(CudaContext context, String name, byte[] image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(image.length + 1L, 64); // PTX must end with a zero
      MemorySegment.copy(image, 0, bytes, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, image.length);
      MemorySegment log = arena.allocate(LOG_BYTES);
      MemorySegment options = arena.allocateFrom(JAVA_INT, ERROR_LOG_BUFFER, ERROR_LOG_BYTES);
      MemorySegment values = arena.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES);
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status = context.api().moduleLoad.call(out.address(), bytes.address(), 2, options.address(), values.address());
      if (status != 0) {
        String text = log.getString(0).strip();
        throw context.failure("cuModuleLoadData(" + name + ", " + image.length + " bytes)" + (text.isEmpty() ? "" : " with log '" + text + "'"), status);
      }
      return new CudaModule(context, name, out.get(JAVA_LONG, 0));
    }
  }

  /**
   * A kernel of the module.
   *
   * @throws CudaException if there is none of this name
   */
  public CudaFunction function(String entry) {
    return find(entry).orElseThrow(() -> context.failure("cuModuleGetFunction(" + entry + " of " + name + ")", NOT_FOUND));
  }

  /** Names of the kernels that were asked for. */
  public Set<String> entries() {
    return Set.copyOf(functions.keySet());
  }

  /** A kernel of the module, if it has one of this name: the same object each time, because what a kernel was allowed belongs to the module. */
  public Optional<CudaFunction> find(String entry) {
    Optional<CudaFunction> known = Optional.ofNullable(functions.get(entry));
    Optional<CudaFunction> found = known.or(() -> looked(entry));
    found.ifPresent(function -> functions.put(entry, function));
    return found;
  }

  private Optional<CudaFunction> looked(String entry) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      int status = context.api().moduleFunction.call(out.address(), handle, arena.allocateFrom(entry).address());
      if (status == NOT_FOUND) {
        return Optional.empty();
      }
      if (status != 0) {
        throw context.failure("cuModuleGetFunction(" + entry + " of " + name + ")", status);
      }
      return Optional.of(new CudaFunction(context, entry, out.get(JAVA_LONG, 0)));
    }
  }

  String name() {
    return name;
  }

  /** Unloads it; none of its kernels may be running or recorded. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      context.check("cuModuleUnload", context.api().moduleUnload.call(handle));
    }
  }
}
