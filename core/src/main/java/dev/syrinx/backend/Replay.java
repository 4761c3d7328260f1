package dev.syrinx.backend;

/** A recorded sequence of calls: a CUDA graph on a GPU, a list on the CPU. Running it allocates nothing, once it was run or made {@link #ready}. */
public interface Replay extends AutoCloseable {
  /** Runs all recorded calls in order on whatever their buffers hold now. */
  void run();

  /** Does now what the first run would have to do on the host: for those who have time before it. */
  default void ready() {}

  /** Number of recorded calls. */
  int size();

  /** Gives back the recording's memory. */
  @Override
  void close();
}
