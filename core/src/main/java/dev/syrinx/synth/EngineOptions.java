package dev.syrinx.synth;

import dev.syrinx.nn.Precision;
import java.util.function.Consumer;

/**
 * How an engine runs.
 *
 * @param threads worker threads, the caller included
 * @param switches accelerations; those that concern a GPU are taken by whoever opens it, with {@link Switches#cuda}
 * @param loading is told the name of each network before it is loaded
 */
public record EngineOptions(int threads, Switches switches, Consumer<String> loading) {
  /** All processors, float32. */
  public static EngineOptions defaults() {
    return new EngineOptions(Runtime.getRuntime().availableProcessors(), Switches.defaults(), name -> {});
  }

  public EngineOptions withThreads(int value) {
    return new EngineOptions(value, switches, loading);
  }

  public EngineOptions withSwitches(Switches value) {
    return new EngineOptions(threads, value, loading);
  }

  public EngineOptions withPrecision(Precision value) {
    return withSwitches(switches.withPrecision(value));
  }

  public EngineOptions whileLoading(Consumer<String> value) {
    return new EngineOptions(threads, switches, value);
  }
}
