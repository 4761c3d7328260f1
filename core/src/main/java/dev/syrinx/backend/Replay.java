package dev.syrinx.backend;

/** A recorded sequence of calls: a CUDA graph on a GPU, a list on the CPU. Running it allocates nothing. */
public interface Replay extends AutoCloseable {
  /** Runs all recorded calls in order on whatever their buffers hold now. */
  void run();

  /** Number of recorded calls. */
  int size();

  /** Gives back the recording's memory. */
  @Override
  void close();
}
