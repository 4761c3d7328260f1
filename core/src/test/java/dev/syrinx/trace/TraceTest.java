package dev.syrinx.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceTest {
  @TempDir private Path folder;

  @Test
  void stagesStepsAndKernelsAreRecorded() throws Exception {
    Path file = folder.resolve("trace.jfr");
    try (Recording recording = new Recording(); CpuBackend backend = new CpuBackend(1, false)) {
      recording.start();
      Ops ops = new Ops(backend, Taps.NONE);
      StageTimes times = new StageTimes();
      times.time(Stage.MEL, () -> {
        work(ops);
        return 0;
      });
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    List<RecordedEvent> kernels = named(events, "dev.syrinx.Kernel");
    assertEquals(1 + 3 * 2, kernels.size());
    assertTrue(kernels.stream().allMatch(e -> e.getString("kernel").equals("elementwise") && !e.getString("variant").isEmpty()));
    assertEquals(3 * 4 * 64L, kernels.getLast().getLong("bytes"));
    assertEquals(List.of(2, 2, 2), named(events, "dev.syrinx.Step").stream().map(e -> e.getInt("calls")).toList());
    assertEquals(List.of("mel"), named(events, "dev.syrinx.Stage").stream().map(e -> e.getString("stage")).toList());
  }

  /** A call, and three runs of a recording of two. */
  private static void work(Ops ops) {
    assertEquals(Optional.of(Stage.MEL), StageTimes.current());
    try (var _ = ops.scope()) {
      Tensor x = ops.zeros(4, 16);
      Tensor y = ops.empty(4, 16);
      try (Replay replay = ops.backend().capture(() -> {
        ops.combineInto(1f, x, 2f, x, y);
        ops.combineInto(1f, y, 2f, x, y);
      })) {
        for (int i = 0; i < 3; i++) {
          replay.run();
        }
      }
    }
  }

  private static List<RecordedEvent> named(List<RecordedEvent> events, String name) {
    return events.stream().filter(e -> e.getEventType().getName().equals(name)).toList();
  }

  @Test
  void outsideOfAStageThereIsNone() {
    assertEquals(Optional.empty(), StageTimes.current());
  }
}
