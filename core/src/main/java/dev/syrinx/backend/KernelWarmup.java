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

/**
 * Runs the vector bodies on small inputs while a checkpoint is being read, so that Java has compiled them when they are needed.
 *
 * <p>Reading is one thread's work; before C2 has seen a body, it runs a hundred times slower. The shapes are those of the contract tests:
 * they take every branch, so that what is compiled is not thrown away at the first real call.
 */
public final class KernelWarmup implements AutoCloseable {
  /** In the order in which speech needs them. */
  private static final List<KernelSpec> KERNELS =
      List.of(
          Gemm.SPEC, LayerNorm.SPEC, DecodeAttention.SPEC, Attention.SPEC, Elementwise.SPEC, RmsNorm.SPEC, Rotary.SPEC, GatedUnit.SPEC,
          Snake.SPEC);

  /** Most operations of a call, and elements of its buffers: larger ones would hold up the others while they are slow. */
  private static final double MOST_FLOPS = 200_000;

  private static final long MOST_ELEMENTS = 6_000;

  private volatile boolean closed;
  private final Thread thread = new Thread(this::run, "syrinx-warmup");

  private KernelWarmup() {}

  /** Begins in the background; does nothing where there are no vector bodies. */
  public static KernelWarmup start() {
    KernelWarmup made = new KernelWarmup();
    if (Lanes.available()) {
      made.thread.setDaemon(true);
      made.thread.start();
    }
    return made;
  }

  /** One that does nothing. */
  public static KernelWarmup none() {
    return new KernelWarmup();
  }

  boolean running() {
    return thread.isAlive();
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      List<Call> calls = calls(arena);
      long scratch = calls.stream().mapToLong(call -> call.variant.scratch().applyAsLong(call.arguments)).max().orElse(1);
      MemorySegment memory = arena.allocate(scratch, 64);
      while (!closed) {
        for (int i = 0; i < calls.size() && !closed; i++) {
          calls.get(i).run(memory);
        }
      }
    }
  }

  /** Small calls of all kernels, with buffers of the arena. */
  static List<Call> calls(Arena arena) {
    List<Call> calls = new ArrayList<>();
    for (KernelSpec spec : KERNELS) {
      Variant vector = spec.vector().orElseThrow();
      for (Case c : spec.cases()) {
        if (c.halves().isEmpty() && elements(spec, c) <= MOST_ELEMENTS) {
          Arguments arguments = CaseInputs.of(spec, c, DType.F32, vector, arena);
          if (spec.cost(arguments).flops() <= MOST_FLOPS && vector.supports().test(arguments)) {
            calls.add(new Call(vector, arguments));
          }
        }
      }
    }
    return calls;
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
    void run(MemorySegment scratch) {
      variant.body().run(arguments, 0, variant.units().applyAsInt(arguments), scratch);
    }
  }
}
