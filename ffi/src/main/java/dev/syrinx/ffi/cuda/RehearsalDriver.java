package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A driver that gives out addresses and computes nothing: what runs on it takes the steps and the memory that it would take on a GPU. Copies to the host bring zeros. Needs no
 * device, no library and no kernels, so a plan of memory can be made anywhere, by the code that will run.
 *
 * <p>Hazard: its addresses are nowhere. Nothing may read or write them.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // C calls them by name, with the parameters that the driver has
public final class RehearsalDriver implements AutoCloseable {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int OUT_OF_MEMORY = 2;
  private static final long FIRST_ADDRESS = 1L << 44;
  private static final long GRANULE = 512;

  /**
   * The device that is played.
   *
   * @param memoryBytes what it has
   * @param multiprocessors how many
   * @param capability compute capability, 90 for 9.0
   * @param sharedBytes most dynamic shared memory of a block
   */
  public record Device(String name, long memoryBytes, int multiprocessors, int capability, int sharedBytes) {
    /** An H100. */
    public static final Device H100 = new Device("H100", 80L << 30, 132, 90, 227 * 1024);
  }

  private final Device device;
  private final Arena arena = Arena.ofShared();
  private final Map<String, MemorySegment> functions = new HashMap<>();
  private final MemorySegment nothing;
  private final Map<Long, Long> sizes = new HashMap<>();
  private long next = FIRST_ADDRESS;
  private long handles = 1;
  private long used;

  /** A driver with one such device. */
  public RehearsalDriver(Device device) {
    this.device = device;
    nothing = stub("nothing");
    stubs("version", JAVA_LONG, "cuDriverGetVersion");
    stubs("one", JAVA_LONG, "cuDeviceGetCount");
    stubs("unknown", JAVA_INT, JAVA_LONG, "cuGetErrorName", "cuGetErrorString");
    stubs("zero", JAVA_LONG, "cuDeviceGet");
    stubs("name", JAVA_LONG, JAVA_INT, "cuDeviceGetName");
    stubs("attribute", JAVA_LONG, JAVA_INT, "cuDeviceGetAttribute");
    stubs("functionAttribute", JAVA_LONG, JAVA_INT, "cuFuncGetAttribute");
    stubs("total", JAVA_LONG, "cuDeviceTotalMem_v2");
    stubs("memory", JAVA_LONG, JAVA_LONG, "cuMemGetInfo_v2");
    stubs("handle", JAVA_LONG, "cuDevicePrimaryCtxRetain", "cuModuleLoadDataEx", "cuModuleGetFunction", "cuStreamCreate", "cuEventCreate", "cuGraphInstantiateWithFlags");
    stubs("secondHandle", JAVA_LONG, JAVA_LONG, "cuStreamEndCapture");
    stubs("nodes", JAVA_LONG, JAVA_LONG, JAVA_LONG, "cuGraphGetNodes");
    stubs("elapsed", JAVA_LONG, "cuEventElapsedTime_v2");
    stubs("take", JAVA_LONG, JAVA_LONG, "cuMemAlloc_v2", "cuMemAllocAsync");
    stubs("give", JAVA_LONG, "cuMemFree_v2", "cuMemFreeAsync");
    stubs("host", JAVA_LONG, JAVA_LONG, "cuMemHostAlloc");
    stubs("zeros", JAVA_LONG, JAVA_LONG, JAVA_LONG, "cuMemcpyDtoHAsync_v2");
  }

  /** The driver as the engine opens it. Everything that is not listed above succeeds and does nothing. */
  public Probe<CudaDriver> probe() {
    return CudaDriver.probe(NativeLibrary.of("a rehearsal", name -> Optional.of(functions.getOrDefault(name, nothing))));
  }

  /** Bytes that are given out now. */
  public long used() {
    return used;
  }

  /** Types of the first parameters, then names; C lets a function ignore the parameters behind those that it names. */
  private void stubs(String method, Object... typesAndNames) {
    ValueLayout[] types = Arrays.stream(typesAndNames).filter(ValueLayout.class::isInstance).toArray(ValueLayout[]::new);
    MemorySegment made = stub(method, types);
    Arrays.stream(typesAndNames).filter(String.class::isInstance).forEach(name -> functions.put((String) name, made));
  }

  private MemorySegment stub(String method, ValueLayout... parameters) {
    try {
      Class<?>[] classes = Arrays.stream(parameters).map(ValueLayout::carrier).toArray(Class<?>[]::new);
      MethodHandle target = MethodHandles.lookup().bind(this, method, MethodType.methodType(int.class, classes));
      return LINKER.upcallStub(target, FunctionDescriptor.of(JAVA_INT, parameters), arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a function of the rehearsal is missing: " + method, e);
    }
  }

  // ---- functions; an exception here would end the process

  private int nothing() {
    return 0;
  }

  private int version(long out) {
    ALL.set(JAVA_INT, out, CudaDriver.MINIMUM_VERSION);
    return 0;
  }

  private int one(long out) {
    ALL.set(JAVA_INT, out, 1);
    return 0;
  }

  private int zero(long out) {
    ALL.set(JAVA_INT, out, 0);
    return 0;
  }

  private int unknown(int status, long out) {
    return 1;
  }

  private int name(long out, int length) {
    String text = device.name();
    ALL.setString(out, text.substring(0, Math.min(text.length(), length / 4)));
    return 0;
  }

  private int attribute(long out, int attribute) {
    int value = switch (attribute) {
      case 16 -> device.multiprocessors();
      case 75 -> device.capability() / 10;
      case 76 -> device.capability() % 10;
      case 97 -> device.sharedBytes();
      case 38 -> 50 << 20;
      default -> 0;
    };
    ALL.set(JAVA_INT, out, value);
    return 0;
  }

  private int functionAttribute(long out, int attribute) {
    ALL.set(JAVA_INT, out, attribute == 0 ? 1024 : attribute == 4 ? 32 : 0);
    return 0;
  }

  private int total(long out) {
    ALL.set(JAVA_LONG, out, device.memoryBytes());
    return 0;
  }

  private int memory(long free, long total) {
    ALL.set(JAVA_LONG, free, device.memoryBytes() - used);
    ALL.set(JAVA_LONG, total, device.memoryBytes());
    return 0;
  }

  private int handle(long out) {
    ALL.set(JAVA_LONG, out, handles++);
    return 0;
  }

  private int secondHandle(long first, long out) {
    return handle(out);
  }

  private int nodes(long graph, long list, long count) {
    ALL.set(JAVA_LONG, count, 1);
    return 0;
  }

  private int elapsed(long out) {
    ALL.set(JAVA_FLOAT, out, 1f);
    return 0;
  }

  private int take(long out, long bytes) {
    long size = (bytes + GRANULE - 1) / GRANULE * GRANULE;
    if (size > device.memoryBytes() - used) {
      return OUT_OF_MEMORY;
    }
    ALL.set(JAVA_LONG, out, next);
    sizes.put(next, size);
    next += size;
    used += size;
    return 0;
  }

  private int give(long address) {
    Long size = sizes.remove(address);
    used -= size == null ? 0 : size;
    return size == null ? 1 : 0;
  }

  /** Staging memory is real: the host writes to it. */
  private int host(long out, long bytes) {
    ALL.set(JAVA_LONG, out, arena.allocate(bytes, 4096).address());
    return 0;
  }

  private int zeros(long to, long from, long bytes) {
    ALL.asSlice(to, bytes).fill((byte) 0);
    return 0;
  }

  /** Ends it; whatever was opened on it must be closed before. */
  @Override
  public void close() {
    arena.close();
  }
}
