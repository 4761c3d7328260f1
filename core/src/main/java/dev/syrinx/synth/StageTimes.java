package dev.syrinx.synth;

import dev.syrinx.trace.StageEvent;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Wall time by stage, in nanoseconds; a stage that ran several times is summed. */
public final class StageTimes {
  private static final ScopedValue<Stage> CURRENT = ScopedValue.newInstance();

  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private final Runnable settle;

  /** For stages that have ended when they return. */
  public StageTimes() {
    this(() -> {});
  }

  /** @param settle waits for what a stage has started: on a GPU it returns before its kernels have run */
  StageTimes(Runnable settle) {
    this.settle = settle;
  }

  /** Runs a stage and adds its time, also when it throws. */
  public <T> T time(Stage stage, Supplier<T> work) {
    StageEvent event = new StageEvent();
    event.begin();
    long start = System.nanoTime();
    try {
      return ScopedValue.where(CURRENT, stage).call(() -> {
        T result = work.get();
        settle.run();
        return result;
      });
    } finally {
      nanos.merge(stage, System.nanoTime() - start, Long::sum);
      if (event.shouldCommit()) {
        event.stage = stage.label();
        event.commit();
      }
    }
  }

  /** The stage that this thread works for, if it is in one. */
  public static Optional<Stage> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /** Nanoseconds of the stages that ran. */
  public Map<Stage, Long> nanos() {
    return Collections.unmodifiableMap(nanos);
  }

  /** Seconds of one stage; 0 if it did not run. */
  public double seconds(Stage stage) {
    return nanos.getOrDefault(stage, 0L) / 1e9;
  }

  /** Seconds of all stages. */
  public double total() {
    return nanos.values().stream().mapToLong(Long::longValue).sum() / 1e9;
  }
}
