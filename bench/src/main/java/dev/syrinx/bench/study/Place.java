package dev.syrinx.bench.study;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import dev.syrinx.verify.UserKernelCheck;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/** Where a study runs: a backend that holds the weights, and others beside it that use them, each in its own way. */
abstract sealed class Place implements AutoCloseable {
  /** What the switches are checked against. */
  abstract Switches.Target target();

  /** cpu or cuda:N. */
  abstract String device();

  /** In words. */
  abstract String name();

  /** What holds the weights of a precision. */
  abstract Backend holder(Precision precision);

  /** A backend that can read those weights; the caller's to close. */
  abstract Backend user(Setting setting);

  @Override
  public abstract void close();

  /** The CPU. */
  static final class Cpu extends Place {
    private final int threads;
    private final Map<Precision, CpuBackend> holders = new EnumMap<>(Precision.class);

    Cpu(int threads) {
      this.threads = threads;
    }

    @Override
    Switches.Target target() {
      return Switches.Target.CPU;
    }

    @Override
    String device() {
      return "cpu";
    }

    @Override
    String name() {
      return Runtime.getRuntime().availableProcessors() + " processors, " + dev.syrinx.kernels.Lanes.bits() + "-bit vectors";
    }

    @Override
    Backend holder(Precision precision) {
      return holders.computeIfAbsent(precision, p -> new CpuBackend(threads, false));
    }

    @Override
    Backend user(Setting setting) {
      return new CpuBackend(setting.threads(), false);
    }

    @Override
    public void close() {
      holders.values().forEach(CpuBackend::close);
    }
  }

  /** A GPU: one context, one copy of the weights of each precision. */
  static final class Gpu extends Place {
    private final CudaBackend holder;
    private final CudaOptions options;
    private final int index;
    private boolean checked;

    /** @param options memory, variants and kernels of every backend that is made */
    Gpu(CudaOptions options) {
      this(CudaBackend.open(Switches.defaults().cuda(CudaOptions.of(options.device()).withMemory(options.memoryBytes()))), options);
    }

    /** @param holder of the weights; owned from now on */
    Gpu(CudaBackend holder, CudaOptions options) {
      this.holder = holder;
      this.options = options;
      index = options.device();
    }

    @Override
    Switches.Target target() {
      return Switches.Target.GPU;
    }

    @Override
    String device() {
      return "cuda:" + index;
    }

    @Override
    String name() {
      return holder.description().replaceAll(", (no )?graphs", "");
    }

    @Override
    Backend holder(Precision precision) {
      return holder;
    }

    @Override
    Backend user(Setting setting) {
      CudaOptions chosen = setting.switches().cuda(setting.brought() ? options : options.withoutKernels()).checked();
      CudaBackend made = holder.beside(chosen);
      if (setting.brought() && !checked) {
        UserKernelCheck.require(made, chosen);
        checked = true;
      }
      return made;
    }

    /** The device itself. */
    CudaBackend cuda() {
      return holder;
    }

    @Override
    public void close() {
      holder.close();
    }
  }

  /** Number of the GPU. */
  OptionalInt gpu() {
    return this instanceof Gpu g ? OptionalInt.of(g.index) : OptionalInt.empty();
  }
}
