package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Body;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that shares the units of one call at a time. The caller is worker 0. Workers spin briefly between calls, because a decode step's calls follow
 * each other within microseconds, then park.
 */
final class WorkerPool implements AutoCloseable {
  /** Turns of the spin loop before a worker parks: some tens of microseconds. */
  private static final int SPINS = 5_000;

  private final Worker[] workers;
  private final Arena arena = Arena.ofShared();
  private MemorySegment[] scratch;
  private long scratchBytes;

  private volatile int generation;
  private volatile boolean closed;
  private Body body;
  private Arguments arguments;
  private int units;

  WorkerPool(int threads) {
    workers = new Worker[threads - 1];
    scratch = new MemorySegment[threads];
    growScratch(1 << 20);
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      Thread thread = new Thread(workers[i], "syrinx-worker-" + (i + 1));
      thread.setDaemon(true);
      workers[i].thread = thread;
      thread.start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  long scratchBytes() {
    return scratchBytes * threads();
  }

  /** Runs all units and returns when all are done. Rethrows what a worker threw. */
  void run(Body work, Arguments call, int count, long scratchNeeded) {
    if (count == 1 || workers.length == 0) {
      runAlone(work, call, count, scratchNeeded);
      return;
    }
    if (scratchNeeded > scratchBytes) {
      growScratch(scratchNeeded);
    }
    body = work;
    arguments = call;
    units = count;
    int ticket = generation + 1;
    generation = ticket;
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
    try {
      share(0);
    } finally {
      for (Worker worker : workers) {
        worker.awaitFinished(ticket);
      }
    }
    for (Worker worker : workers) {
      Throwable failure = worker.failure;
      if (failure != null) {
        worker.failure = null;
        throw new IllegalStateException("worker failed in " + call, failure);
      }
    }
  }

  /** Runs all units on the calling thread: for work too small to share. */
  void runAlone(Body work, Arguments call, int count, long scratchNeeded) {
    if (scratchNeeded > scratchBytes) {
      growScratch(scratchNeeded);
    }
    work.run(call, 0, count, scratch[0]);
  }

  private void share(int worker) {
    int threads = threads();
    int begin = (int) ((long) units * worker / threads);
    int end = (int) ((long) units * (worker + 1) / threads);
    if (begin < end) {
      body.run(arguments, begin, end, scratch[worker]);
    }
  }

  private void growScratch(long bytes) {
    long size = Math.max(bytes, 2 * scratchBytes);
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = arena.allocate(size, 64);
    }
    scratchBytes = size;
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker.thread);
      try {
        worker.thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // the arena stays with the workers that still run
      }
    }
    arena.close();
  }

  private final class Worker implements Runnable {
    private final int index;
    private Thread thread;
    private volatile int finished;
    private volatile boolean parked;
    private volatile Throwable failure;

    private Worker(int index) {
      this.index = index;
    }

    @Override
    public void run() {
      int seen = 0;
      while (true) {
        seen = await(seen);
        if (closed) {
          return;
        }
        try {
          share(index);
        } catch (Throwable e) { // handed to the caller, which rethrows it
          failure = e;
        }
        finished = seen;
      }
    }

    /** Spins, then yields: on a machine with more to do than cores, the worker may be waiting for this very core. */
    private void awaitFinished(int ticket) {
      for (int spin = 0; finished != ticket; spin++) {
        if (spin < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
    }

    private int await(int seen) {
      for (int spin = 0; spin < SPINS; spin++) {
        if (generation != seen || closed) {
          return generation;
        }
        Thread.onSpinWait();
      }
      parked = true;
      while (generation == seen && !closed) {
        LockSupport.park(this);
      }
      parked = false;
      return generation;
    }
  }
}
