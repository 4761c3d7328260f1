package dev.syrinx.bench.kernel;

import dev.syrinx.bench.Fingerprint;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** JMH over the catalogue: every model-sized case of the kernels named, on one thread, with rates from the declared cost. */
public final class KernelBenchmarks {
  private static final int ITERATIONS = 5;

  private final boolean reference;
  private final int forks;
  private final Duration warmup;
  private final Duration measured;

  private KernelBenchmarks(boolean reference, int forks, Duration warmup, Duration measured) {
    this.reference = reference;
    this.forks = forks;
    this.warmup = warmup;
    this.measured = measured;
  }

  /**
   * In a process of its own for each call, so that no call profits or suffers from what was compiled for others.
   *
   * @param reference the scalar references too, not the vector variants alone
   * @param seconds measured seconds per call, after as many to warm up, at least two
   */
  public static KernelBenchmarks forked(boolean reference, int seconds) {
    return new KernelBenchmarks(reference, 1, Duration.ofSeconds(Math.max(2, seconds)), Duration.ofSeconds(seconds));
  }

  /** In this process: quick, and only good to see that it works. */
  static KernelBenchmarks unforked(Duration measured) {
    return new KernelBenchmarks(true, 0, measured, measured);
  }

  /**
   * Runs them.
   *
   * @param names kernels; none means all
   * @param progress is told each call before it is measured
   * @throws java.util.NoSuchElementException if there is no kernel of a name
   */
  public Map<String, Object> run(Collection<String> names, Consumer<String> progress) {
    List<KernelSpec> specs = names.isEmpty() ? KernelCatalog.ALL : names.stream().map(KernelCatalog::named).toList();
    List<String> calls = specs.stream().flatMap(spec -> calls(spec).stream()).toList();
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "kernels, one thread, JMH average time");
    report.put("machine", Fingerprint.of());
    List<Map<String, Object>> results = new ArrayList<>();
    for (String call : calls) {
      progress.accept("%s (%d of %d)".formatted(call, results.size() + 1, calls.size()));
      results.add(entry(call, measure(call)));
    }
    report.put("calls", results);
    return report;
  }

  private Result<?> measure(String call) {
    System.setProperty(
        "jmh.ignoreLock", "true"); // a second measurement disturbs this one, which the load in the report shows; it is no error
    Options options =
        new OptionsBuilder().include(Pattern.quote(KernelBenchmark.class.getName()) + ".run").param("call", call).forks(forks)
            .warmupIterations(ITERATIONS).warmupTime(part(warmup)).measurementIterations(ITERATIONS).measurementTime(part(measured))
            .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build();
    try {
      return new Runner(options).runSingle().getPrimaryResult();
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH could not measure " + call + ": " + e.getMessage(), e);
    }
  }

  private static TimeValue part(Duration whole) {
    return TimeValue.nanoseconds(whole.toNanos() / ITERATIONS);
  }

  private List<String> calls(KernelSpec spec) {
    List<String> calls = new ArrayList<>();
    for (Variant variant : spec.variants()) {
      if (variant.target() == Variant.Target.SCALAR && !reference && spec.vector().isPresent()) {
        continue;
      }
      for (int i = 0; i < spec.cases().size(); i++) {
        for (DType dtype : spec.dtypes().stream().sorted().toList()) {
          if (spec.cases().get(i).model()) {
            calls.add(spec.name() + "/" + variant.name() + "/" + dtype + "/" + i);
          }
        }
      }
    }
    return calls;
  }

  private static Map<String, Object> entry(String call, Result<?> result) {
    double micros = result.getScore();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("call", call);
    try (Arena arena = Arena.ofConfined()) {
      Arguments arguments = KernelBenchmark.arguments(call, arena);
      Cost cost = arguments.spec().cost(arguments);
      entry.put("case", arguments.spec().cases().get(Integer.parseInt(call.substring(call.lastIndexOf('/') + 1))).toString());
      entry.put("microseconds", round(micros));
      entry.put("error", round(result.getScoreError()));
      entry.put("gigabytesPerSecond", round(cost.bytes() / micros / 1e3));
      entry.put("gigaflopsPerSecond", round(cost.flops() / micros / 1e3));
    }
    return entry;
  }

  private static Object round(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(new MathContext(4)).doubleValue() : "unknown";
  }
}
