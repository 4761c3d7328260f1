package dev.syrinx.app;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.cuda.CudaDevice;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.synth.MemoryPlan;
import dev.syrinx.synth.Switches;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Plans of a GPU's memory on the command line. */
final class MemoryPlanning {
  private static final int KIB = 1024;

  private MemoryPlanning() {}

  /** A plan for a model folder. */
  static MemoryPlan plan(Path folder, Switches switches, DeviceOptions device, MemoryPlan.Speech speech) {
    try (ModelFolder source = new ModelFolder(folder)) {
      return MemoryPlan.of(source, switches, device(device), speech);
    }
  }

  /** The GPU that is chosen; an H100 where there is none. */
  static RehearsalDriver.Device device(DeviceOptions options) {
    int index = options.choice() instanceof DeviceChoice.Cuda(int given) ? given : 0;
    return devices().stream().filter(d -> d.index() == index).findFirst().map(MemoryPlanning::played).orElse(RehearsalDriver.Device.H100);
  }

  private static List<CudaDevice> devices() {
    try {
      return CudaDriver.probe().toOptional().map(CudaDriver::devices).orElse(List.of());
    } catch (NativeException e) {
      return List.of(); // the plan is for an H100 then, and says so
    }
  }

  private static RehearsalDriver.Device played(CudaDevice device) {
    int capability = 10 * device.major() + device.minor();
    int shared = capability >= 90 && capability < 120 ? 227 * KIB : capability == 80 || capability == 87 ? 163 * KIB : 99 * KIB;
    // As much memory as is wanted: the plan says what is needed, also where it does not fit.
    return new RehearsalDriver.Device(device.name(), 1L << 42, device.multiprocessors(), capability, shared);
  }

  /**
   * Whether the plan keeps to a limit: a warning where only the longest segment does not.
   *
   * @throws CommandException.BadInput if weights and a voice alone do not, with what to do
   */
  static Optional<String> fits(MemoryPlan plan, long limit) {
    if (plan.least() > limit) {
      throw new CommandException.BadInput(String.format(
          Locale.ROOT, "--gpu-memory %,d bytes: weights and a voice need %,d besides the driver's; raise the limit, or use --precision fp16 or int8"
              + " ('speak --plan' shows what takes how much)", limit, plan.least()));
    }
    return plan.engine() <= limit ? Optional.empty() : Optional.of(String.format(
        Locale.ROOT, "--gpu-memory %,d bytes: the longest segment would need %,d and end with 'out of memory'; use fewer --max-tokens, --beams or --segment-tokens for long texts",
        limit, plan.engine()));
  }
}
