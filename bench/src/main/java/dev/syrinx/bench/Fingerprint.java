package dev.syrinx.bench;

import dev.syrinx.kernels.Lanes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** What a number was measured on: without it no number is written. */
public final class Fingerprint {
  private Fingerprint() {}

  /** Machine, runtime and source of this process, in a fixed order. */
  public static Map<String, Object> of() {
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("cpu", cpu());
    f.put("processors", Runtime.getRuntime().availableProcessors());
    f.put("vectorBits", Lanes.bits());
    f.put("memoryBytes", memory());
    f.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
    f.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    f.put("load", load());
    return f;
  }

  private static String cpu() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines.filter(l -> l.startsWith("model name")).findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static long memory() {
    var os = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return os instanceof com.sun.management.OperatingSystemMXBean sun ? sun.getTotalMemorySize() : 0;
  }

  /** Load average before the run: a busy machine shows in its results. */
  private static double load() {
    return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }
}
