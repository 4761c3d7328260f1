package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.CaseInputs;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.Variant;
import dev.syrinx.kernels.activation.Elementwise;
import dev.syrinx.kernels.activation.GatedUnit;
import dev.syrinx.kernels.attention.Attention;
import dev.syrinx.kernels.attention.DecodeAttention;
import dev.syrinx.kernels.attention.Rotary;
import dev.syrinx.kernels.conv.Snake;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.kernels.norm.LayerNorm;
import dev.syrinx.kernels.norm.RmsNorm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Runs the vector bodies on small inputs while a checkpoint is being read, so that Java has compiled them when they are needed.
 *
 * <p>Reading is one thread's work; before C2 has seen a body, it runs a hundred times slower. A call that runs as fast as compiled code does is not run again, and when all do, the thread
 * ends: it would take the cores from the compiler and the reader.
 */
public final class KernelWarmup implements AutoCloseable {
  /** What a recording takes. */
  private static final List<KernelSpec> KERNELS =
      List.of(
          Gemm.SPEC, LayerNorm.SPEC, DecodeAttention.SPEC, Attention.SPEC, Elementwise.SPEC, RmsNorm.SPEC, Rotary.SPEC, GatedUnit.SPEC,
          Snake.SPEC);

  /** Most operations of a call, and elements of its buffers: larger ones would hold up the others while they are slow. */
  private static final double MOST_FLOPS = 200_000;

  private static final long MOST_ELEMENTS = 6_000;

  /** A call that takes longer than these two has not been compiled: compiled code takes a tenth of it, interpreted code ten times as long. */
  private static final double OVERHEAD_NANOS = 10_000;

  private static final double FLOPS_A_NANO = 2;

  private volatile boolean closed;
  private final Thread thread;

  private KernelWarmup(Function<Arena, List<Call>> calls) {
    thread = new Thread(() -> run(calls), "syrinx-warmup");
  }

  /** Begins in the background with what a recording and speech take, in shapes that take every branch; does nothing where there are no vector bodies. */
  public static KernelWarmup start() {
    return started(KernelWarmup::contractCalls);
  }

  /** The same with what speech in a prepared voice takes. */
  public static KernelWarmup speaking() {
    return started(KernelWarmup::speechCalls);
  }

  private static KernelWarmup started(Function<Arena, List<Call>> calls) {
    KernelWarmup made = new KernelWarmup(calls);
    if (Lanes.available()) {
      made.thread.setDaemon(true);
      made.thread.start();
    }
    return made;
  }

  /** One that does nothing. */
  public static KernelWarmup none() {
    return new KernelWarmup(_ -> List.of());
  }

  boolean running() {
    return thread.isAlive();
  }

  private void run(Function<Arena, List<Call>> made) {
    try (Arena arena = Arena.ofConfined()) {
      List<Call> calls = new ArrayList<>(made.apply(arena));
      long scratch = calls.stream().mapToLong(call -> call.variant.scratch().applyAsLong(call.arguments)).max().orElse(1);
      MemorySegment memory = arena.allocate(scratch, 64);
      while (!closed && !calls.isEmpty()) {
        calls.removeIf(call -> !closed && call.runsFast(memory));
      }
    }
  }

  /** Small calls of speech, with buffers of the arena. */
  static List<Call> speechCalls(Arena arena) {
    return SpeechCases.all().stream().map(one -> call(one.spec(), one.shape(), arena)).toList();
  }

  /** The contract tests' small shapes, with buffers of the arena. */
  static List<Call> contractCalls(Arena arena) {
    List<Call> calls = new ArrayList<>();
    for (KernelSpec spec : KERNELS) {
      for (Case c : spec.cases()) {
        if (c.halves().isEmpty() && elements(spec, c) <= MOST_ELEMENTS) {
          Call call = call(spec, c, arena);
          if (spec.cost(call.arguments).flops() <= MOST_FLOPS && call.variant.supports().test(call.arguments)) {
            calls.add(call);
          }
        }
      }
    }
    return calls;
  }

  private static Call call(KernelSpec spec, Case shape, Arena arena) {
    Variant vector = spec.vector().orElseThrow();
    return new Call(vector, CaseInputs.of(spec, shape, DType.F32, vector, arena));
  }

  private static long elements(KernelSpec spec, Case c) {
    return spec.params().stream().filter(param -> param.buffer() && !c.absent().contains(param.name()))
        .mapToLong(param -> param.axes().stream().mapToLong(c.extents()::get).reduce(1, (x, y) -> x * y)).sum();
  }

  /** Ends it; a call in progress is waited for. */
  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A call with the variant to run. */
  record Call(Variant variant, Arguments arguments) {
    /** Runs the call, and says whether it took no longer than compiled code may. */
    boolean runsFast(MemorySegment scratch) {
      long begin = System.nanoTime();
      run(scratch);
      return System.nanoTime() - begin < OVERHEAD_NANOS + arguments.spec().cost(arguments).flops() / FLOPS_A_NANO;
    }

    void run(MemorySegment scratch) {
      variant.body().run(arguments, 0, variant.units().applyAsInt(arguments), scratch);
    }
  }
}
