package dev.syrinx.synth;

import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.nn.Precision;
import java.util.function.Consumer;

/**
 * How an engine runs.
 *
 * @param threads worker threads, the caller included
 * @param switches accelerations; those that concern a GPU are taken by whoever opens it, with {@link Switches#cuda}
 * @param sequences most requests, or segments of one, that decode together, 1 to 64
 * @param loading is told the name of each network before it is loaded
 */
public record EngineOptions(int threads, Switches switches, int sequences, Consumer<String> loading) {
  /** One request at a time. */
  public EngineOptions(int threads, Switches switches, Consumer<String> loading) {
    this(threads, switches, 1, loading);
  }

  /** All processors, float32. */
  public static EngineOptions defaults() {
    return new EngineOptions(Runtime.getRuntime().availableProcessors(), Switches.defaults(), name -> {});
  }

  public EngineOptions withThreads(int value) {
    return new EngineOptions(value, switches, sequences, loading);
  }

  public EngineOptions withSwitches(Switches value) {
    return new EngineOptions(threads, value, sequences, loading);
  }

  public EngineOptions withPrecision(Precision value) {
    return withSwitches(switches.withPrecision(value));
  }

  public EngineOptions whileLoading(Consumer<String> value) {
    return new EngineOptions(threads, switches, sequences, value);
  }

  public EngineOptions withSequences(int value) {
    return new EngineOptions(threads, switches, value, loading);
  }

  /** How codes are generated. */
  public DecodeOptions decode() {
    return DecodeOptions.defaults().withKv(switches.kvOptions()).withSequences(sequences).withStates(switches.latents() == Switches.Latents.REUSE);
  }
}
