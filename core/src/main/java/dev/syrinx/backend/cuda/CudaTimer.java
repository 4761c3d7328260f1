package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Replay;
import dev.syrinx.ffi.cuda.CudaEvent;
import java.util.List;

/**
 * Times calls on a device. The calls are recorded, many in a row, and the recording is timed with events: launches from the host would be slower than small kernels. What is
 * measured is the time between the starts of two calls, gaps included.
 */
public final class CudaTimer implements AutoCloseable {
  /** One timed run lasts about this long, so that the half microsecond of the events and the start of a recording do not count. */
  private static final double TARGET_MICROS = 1500;

  private static final int MOST_CALLS = 500;

  private final CudaBackend backend;
  private final CudaEvent start;
  private final CudaEvent end;

  public CudaTimer(CudaBackend backend) {
    this.backend = backend;
    backend.enter();
    start = CudaEvent.timed(backend.context());
    end = CudaEvent.timed(backend.context());
  }

  /**
   * Microseconds of a call.
   *
   * @param calls the same call over different buffers, so that it does not find its inputs in the cache
   * @return one number per sample, as they came
   */
  public double[] micros(List<Runnable> calls, int samples) {
    run(calls, calls.size()); // loads kernels
    double guess = timed(() -> run(calls, calls.size())) / calls.size();
    int count = (int) Math.clamp(Math.ceil(TARGET_MICROS / guess), Math.min(calls.size(), MOST_CALLS), MOST_CALLS);
    double[] micros = new double[samples];
    try (Replay replay = backend.capture(() -> run(calls, count))) {
      replay.run();
      replay.run();
      for (int i = 0; i < samples; i++) {
        micros[i] = timed(replay::run) / count;
      }
    }
    return micros;
  }

  private static void run(List<Runnable> calls, int count) {
    for (int i = 0; i < count; i++) {
      calls.get(i % calls.size()).run();
    }
  }

  private double timed(Runnable work) {
    backend.enter();
    start.record(backend.stream());
    work.run();
    end.record(backend.stream());
    backend.synchronize();
    return end.millisSince(start) * 1e3;
  }

  @Override
  public void close() {
    start.close();
    end.close();
  }
}
