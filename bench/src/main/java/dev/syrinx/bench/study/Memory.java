package dev.syrinx.bench.study;

import dev.syrinx.backend.cuda.CudaBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a run took of memory: of its engine alone, though others hold theirs beside it. */
final class Memory {
  private Memory() {}

  /** Memory of the run that an engine has just ended. */
  static Figures of(Engines.Open open) {
    double engine = open.most() + open.weights();
    Figures figures = Figures.NONE.with(Metric.HOST_BYTES, resident()).with(Metric.WEIGHT_BYTES, open.weights());
    if (open.user() instanceof CudaBackend gpu) {
      return figures.with(Metric.ENGINE_DEVICE_BYTES, engine).with(Metric.DEVICE_BYTES, gpu.deviceBytes()).without(Metric.OFF_HEAP_BYTES, "the engine's memory is the device's");
    }
    String cpu = "this runs on the CPU";
    return figures.with(Metric.OFF_HEAP_BYTES, engine).without(Metric.ENGINE_DEVICE_BYTES, cpu).without(Metric.DEVICE_BYTES, cpu).without(Metric.PLANNED_DEVICE_BYTES, cpu)
        .without(Metric.GAP_SHARE, cpu).without(Metric.STEP_MICROS, cpu);
  }

  /** Resident size of this process now, 0 where the system does not tell. */
  private static double resident() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(l -> l.startsWith("VmRSS")).mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024).findFirst().orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
