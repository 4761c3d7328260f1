package dev.syrinx.bench.kernel;

import dev.syrinx.bench.Fingerprint;
import dev.syrinx.kernels.Cost;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Variant;
import java.lang.foreign.Arena;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** JMH over the catalogue: every model-sized case of the kernels named, on one thread, with rates from the declared cost. */
public final class KernelBenchmarks {
  private KernelBenchmarks() {}

  /**
   * Runs the vector variants (the reference too, if asked).
   *
   * @param names kernels; none means all
   * @param seconds measured seconds per call
   */
  public static Map<String, Object> run(Collection<String> names, boolean reference, int seconds) {
    List<KernelSpec> specs = names.isEmpty() ? KernelCatalog.ALL : names.stream().map(KernelCatalog::named).toList();
    List<String> calls = new ArrayList<>();
    specs.forEach(spec -> add(spec, reference, calls));
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "kernels, one thread, JMH average time");
    report.put("machine", Fingerprint.of());
    List<Map<String, Object>> results = new ArrayList<>();
    try {
      var options =
          new OptionsBuilder().include(KernelBenchmark.class.getName()).param("call", calls.toArray(String[]::new)).forks(1).warmupIterations(2)
              .warmupTime(TimeValue.seconds(1)).measurementIterations(seconds).measurementTime(TimeValue.seconds(1))
              .jvmArgsAppend("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow").build();
      for (RunResult result : new Runner(options).run()) {
        results.add(entry(result));
      }
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH could not run: " + e.getMessage(), e);
    }
    report.put("calls", results);
    return report;
  }

  private static void add(KernelSpec spec, boolean reference, List<String> calls) {
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
  }

  private static Map<String, Object> entry(RunResult result) {
    String call = result.getParams().getParam("call");
    double micros = result.getPrimaryResult().getScore();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("call", call);
    try (Arena arena = Arena.ofConfined()) {
      var arguments = KernelBenchmark.arguments(call, arena);
      Cost cost = arguments.spec().cost(arguments);
      entry.put("case", arguments.spec().cases().get(Integer.parseInt(call.substring(call.lastIndexOf('/') + 1))).toString());
      entry.put("microseconds", round(micros));
      entry.put("error", round(result.getPrimaryResult().getScoreError()));
      entry.put("gigabytesPerSecond", round(cost.bytes() / micros / 1e3));
      entry.put("gigaflopsPerSecond", round(cost.flops() / micros / 1e3));
    }
    return entry;
  }

  private static Object round(double value) {
    return Double.isFinite(value) ? new BigDecimal(value).round(new MathContext(4)).doubleValue() : "unknown";
  }
}
