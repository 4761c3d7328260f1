package dev.syrinx.synth;

import dev.syrinx.nn.Precision;
import java.util.function.Consumer;

/**
 * How an engine runs.
 *
 * @param threads worker threads, the caller included
 * @param precision storage type of the GPT's matrices, which decoding is bound by reading; other networks stay in float32
 * @param loading is told the name of each network before it is loaded
 */
public record EngineOptions(int threads, Precision precision, Consumer<String> loading) {
  /** All processors, float32. */
  public static EngineOptions defaults() {
    return new EngineOptions(Runtime.getRuntime().availableProcessors(), Precision.FP32, name -> {});
  }

  public EngineOptions withThreads(int value) {
    return new EngineOptions(value, precision, loading);
  }

  public EngineOptions withPrecision(Precision value) {
    return new EngineOptions(threads, value, loading);
  }

  public EngineOptions whileLoading(Consumer<String> value) {
    return new EngineOptions(threads, precision, value);
  }
}
