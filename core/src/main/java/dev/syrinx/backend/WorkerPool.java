package dev.syrinx.backend;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Body;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that shares the units of one call at a time. The caller is worker 0.
 *
 * <p>The units are cut into shares that are claimed one after the other, so a worker that the machine keeps from running delays nobody: the
 * others take its shares, and only a share in progress is waited for. Workers spin briefly between calls, because a decode step's calls
 * follow each other within microseconds, then park.
 */
final class WorkerPool implements AutoCloseable {
  /** Turns of the spin loop before a worker parks: some tens of microseconds. */
  private static final int SPINS = 5_000;

  /** Shares per thread: enough to even out, few enough that each streams a long run of memory. */
  private static final int SHARES = 4;

  private final Worker[] workers;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment[] scratch;
  private long scratchBytes;

  /**
   * Number of the call in the upper half, shares still to claim in the lower. Both in one word, so that a worker that is late can neither
   * claim a share of another call nor one of a call that has none left, whatever the fields below say by then.
   */
  private final AtomicLong claims = new AtomicLong();

  private final AtomicInteger finished = new AtomicInteger();
  private volatile int generation;
  private volatile boolean closed;
  private volatile Throwable failure;

  // The call in progress: written before its claims are opened, stable while any of them is open.
  private Body body;
  private Arguments arguments;
  private int units;
  private int shares;

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
    shares = Math.min(count, threads() * SHARES);
    finished.set(0);
    int ticket = generation + 1;
    claims.set((long) ticket << 32 | shares);
    generation = ticket;
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
    takeShares(ticket, 0);
    awaitShares();
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new IllegalStateException("failed in " + call, thrown);
    }
  }

  /** Runs all units on the calling thread: for work too small to share. */
  void runAlone(Body work, Arguments call, int count, long scratchNeeded) {
    if (scratchNeeded > scratchBytes) {
      growScratch(scratchNeeded);
    }
    work.run(call, 0, count, scratch[0]);
  }

  private void takeShares(int ticket, int worker) {
    while (true) {
      long claim = claims.get();
      int left = (int) claim;
      if ((int) (claim >>> 32) != ticket || left == 0) {
        return;
      }
      if (claims.compareAndSet(claim, claim - 1)) {
        int share = shares - left;
        try {
          body.run(arguments, bound(share), bound(share + 1), scratch[worker]);
        } catch (Throwable e) { // handed to the caller, which rethrows it
          failure = e;
        }
        finished.incrementAndGet();
      }
    }
  }

  private int bound(int share) {
    return (int) ((long) units * share / shares);
  }

  /** Spins, then yields: on a machine with more to do than cores, a worker may be waiting for this very core. */
  @SuppressWarnings("ThreadPriorityCheck") // nothing depends on the yield; parking and waking would take longer than most shares
  private void awaitShares() {
    for (int spin = 0; finished.get() != shares; spin++) {
      if (spin < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
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
    private volatile boolean parked;

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
        takeShares(seen, index);
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
