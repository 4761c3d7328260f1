package dev.syrinx.bench.study;

import dev.syrinx.bench.Fingerprint;
import dev.syrinx.bench.Hashes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the machine is and how it is doing: load, clocks, temperature, and a fixed piece of work that takes longer when somebody else is busy. */
final class Gauges {
  private static final List<String> NUMBERS = List.of("clocks.sm", "clocks.mem", "temperature.gpu", "power.draw");
  private static final List<String> NAMES = List.of("smClockMhz", "memoryClockMhz", "temperatureC", "powerW");
  private static final int HASH = 16;
  private static final int WAIT_SECONDS = 10;
  private static final int CALIBRATION = 1 << 14;
  private static final int PASSES = 6000;

  private final OptionalInt gpu;
  private final Heartbeat heartbeat = new Heartbeat();
  private final float[] work = new float[CALIBRATION];

  Gauges(OptionalInt gpu) {
    this.gpu = gpu;
  }

  /** Fingerprint of the machine, with its GPU where nvidia-smi tells. */
  Map<String, Object> machine() {
    Map<String, Object> machine = new LinkedHashMap<>(Fingerprint.of());
    List<String> told = ask(List.of("name", "driver_version"));
    if (told.size() == 2) {
      machine.put("gpu", told.get(0));
      machine.put("driver", told.get(1));
    }
    return machine;
  }

  /** Hash of what stays on a machine from run to run; memory in whole GiB, because virtual machines differ by pages. */
  static String hash(Map<String, Object> machine) {
    long memory = machine.get("memoryBytes") instanceof Long bytes ? Math.round(bytes / (double) (1L << 30)) : 0;
    String text = machine.get("cpu") + "|" + machine.get("processors") + "|" + machine.get("vectorBits") + "|" + memory + "|" + System.getProperty("os.name") + "|"
        + System.getProperty("os.arch") + "|" + machine.getOrDefault("gpu", "");
    return Hashes.text(text).substring(0, HASH);
  }

  /** Clocks, temperature and power of the GPU by name; empty where nobody tells. */
  Map<String, Double> gpu() {
    List<String> told = ask(NUMBERS);
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (int i = 0; i < told.size() && i < NAMES.size(); i++) {
      try {
        numbers.put(NAMES.get(i), Double.parseDouble(told.get(i)));
      } catch (NumberFormatException e) {
        continue; // "[N/A]": this card does not tell
      }
    }
    return numbers;
  }

  private List<String> ask(List<String> what) {
    if (gpu.isEmpty()) {
      return List.of();
    }
    try {
      Process asked = new ProcessBuilder("nvidia-smi", "-i", Integer.toString(gpu.getAsInt()), "--query-gpu=" + String.join(",", what), "--format=csv,noheader,nounits")
          .redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean over = asked.waitFor(WAIT_SECONDS, TimeUnit.SECONDS);
      return over && asked.exitValue() == 0 && !answer.isEmpty() ? List.of(answer.split(" *, *")) : List.of();
    } catch (IOException e) {
      return List.of(); // not installed: the record has no clocks
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** Seconds of a fixed loop on one processor: it takes longer where neighbours want it, too. */
  double calibrate() {
    long start = System.nanoTime();
    float sum = 0;
    for (int pass = 0; pass < PASSES; pass++) {
      for (int i = 0; i < CALIBRATION; i++) {
        work[i] = work[i] * 0.999f + 0.001f * pass;
      }
      sum += work[pass];
    }
    if (Float.isNaN(sum)) {
      throw new IllegalStateException("the calibration loop overflowed");
    }
    return (System.nanoTime() - start) / 1e9;
  }

  /**
   * A result and what was seen beside it.
   *
   * @param calibration seconds that the calibration took at worst before and after it
   * @param waited seconds that this process's threads were ready to run and had no processor, over the seconds that it took
   * @param stalled seconds of the longest pause in which nothing of this process ran
   */
  record Watched<T>(T result, double calibration, double waited, double stalled) {}

  /** Runs something between two calibrations. */
  <T> Watched<T> watch(Supplier<T> something) {
    double before = calibrate();
    heartbeat.longest();
    long waited = waitedNanos();
    long start = System.nanoTime();
    T result = something.get();
    long took = Math.max(1, System.nanoTime() - start);
    double share = Math.max(0, waitedNanos() - waited) / (double) took;
    double stalled = heartbeat.longest();
    return new Watched<>(result, Math.max(before, calibrate()), share, stalled);
  }

  /** Nanoseconds that living threads have waited in the queues of the processors, as Linux counts them; 0 elsewhere. */
  private static long waitedNanos() {
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        sum += waitedNanos(thread.resolve("schedstat"));
      }
    } catch (IOException e) {
      return 0; // not Linux
    }
    return sum;
  }

  private static long waitedNanos(Path file) {
    try {
      String[] numbers = Files.readString(file).strip().split(" ");
      return numbers.length > 1 ? Long.parseLong(numbers[1]) : 0;
    } catch (IOException | NumberFormatException e) {
      return 0; // the thread has ended, or this kernel counts nothing
    }
  }
}
