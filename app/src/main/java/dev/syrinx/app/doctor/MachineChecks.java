package dev.syrinx.app.doctor;

import dev.syrinx.kernels.Lanes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Java, the processor and the memory. */
final class MachineChecks {
  private static final int JAVA = 25;
  private static final String JVM = "java";
  private static final String MACHINE = "machine";

  private MachineChecks() {}

  static List<Check> run() {
    Check vector = vector(Lanes.bits(), Lanes.reason());
    return List.of(javaVersion(Runtime.version()), vector, nativeAccess(), heap(), processor(), threads(), memory());
  }

  static Check javaVersion(Runtime.Version version) {
    String value = version + ", " + System.getProperty("java.vendor", "unknown vendor") + ", " + System.getProperty("java.home");
    return version.feature() == JAVA
        ? Check.ok(JVM, "JDK", value)
        : Check.problem(JVM, "JDK", value, "run with a JDK " + JAVA + ": the Vector API differs between releases");
  }

  /**
   * @param bits width of the vectors, 0 without the module
   * @param remedy how to load the module
   */
  static Check vector(int bits, String remedy) {
    return bits > 0
        ? Check.ok(JVM, "Vector API", bits + "-bit vectors, " + bits / Float.SIZE + " floats each")
        : Check.problem(JVM, "Vector API", "not loaded, so scalar reference kernels run, many times slower", remedy);
  }

  private static Check nativeAccess() {
    return MachineChecks.class.getModule().isNativeAccessEnabled()
        ? Check.ok(JVM, "native access", "enabled")
        : Check.absent(JVM, "native access", "not enabled, so Java warns", "start Java with '--enable-native-access=ALL-UNNAMED'");
  }

  private static Check heap() {
    return Check.ok(JVM, "heap", gib(Runtime.getRuntime().maxMemory()) + " at most (weights are outside the heap)");
  }

  private static Check threads() {
    return Check.ok(MACHINE, "threads", Runtime.getRuntime().availableProcessors() + " processors for this process");
  }

  private static Check memory() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os) {
      return Check.ok(MACHINE, "memory", gib(os.getTotalMemorySize()) + ", of which " + gib(os.getFreeMemorySize()) + " unused");
    }
    return Check.absent(MACHINE, "memory", "this JVM does not tell", "");
  }

  private static Check processor() {
    String system = System.getProperty("os.arch") + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version");
    return Check.ok(MACHINE, "processor", processorName(Path.of("/proc/cpuinfo")) + system);
  }

  /** The model name that Linux tells, with a comma; empty where there is none. */
  static String processorName(Path cpuinfo) {
    if (!Files.isReadable(cpuinfo)) {
      return "";
    }
    try (Stream<String> lines = Files.lines(cpuinfo)) {
      Optional<String> model = lines.filter(line -> line.startsWith("model name")).findFirst();
      return model.map(line -> line.substring(line.indexOf(':') + 1).strip() + ", ").orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
  }
}
