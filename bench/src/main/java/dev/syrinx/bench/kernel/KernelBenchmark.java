package dev.syrinx.bench.kernel;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.CaseInputs;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One call of any kernel of the catalogue on one thread; which one, the runner says: see {@link KernelBenchmarks}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class KernelBenchmark {
  /** Kernel, variant, storage type and number of the case, separated by slashes. */
  @Param("gemm/vector/F32/0")
  public String call;

  private final Arena arena = Arena.ofShared();
  private Arguments arguments;
  private Variant variant;
  private MemorySegment scratch;
  private int units;

  /** Makes the arguments of a call. */
  static Arguments arguments(String call, Arena arena) {
    String[] parts = call.split("/", -1);
    KernelSpec spec = KernelCatalog.named(parts[0]);
    Case c = spec.cases().get(Integer.parseInt(parts[3]));
    return CaseInputs.of(spec, c, DType.valueOf(parts[2]), variant(spec, parts[1]), arena);
  }

  private static Variant variant(KernelSpec spec, String name) {
    return spec.variants().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
  }

  @Setup
  public void setUp() {
    arguments = arguments(call, arena);
    variant = variant(arguments.spec(), call.split("/", -1)[1]);
    units = variant.units().applyAsInt(arguments);
    scratch = arena.allocate(Math.max(64, variant.scratch().applyAsLong(arguments)), 64);
  }

  @Benchmark
  public void run() {
    variant.body().run(arguments, 0, units, scratch);
  }

  @TearDown
  public void tearDown() {
    arena.close();
  }
}
