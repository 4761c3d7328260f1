package dev.syrinx.bench.study;

import java.util.concurrent.atomic.AtomicLong;

/** Notices that the whole process stood still, because somebody stopped it or the machine slept: such a run says nothing. */
final class Heartbeat {
  private static final long BEAT_MILLIS = 20;

  private final AtomicLong longest = new AtomicLong();

  /** Beats until the program ends. */
  Heartbeat() {
    Thread.ofPlatform().daemon().name("heartbeat").start(this::beat);
  }

  private void beat() {
    long last = System.nanoTime();
    try {
      while (true) {
        Thread.sleep(BEAT_MILLIS);
        long now = System.nanoTime();
        longest.accumulateAndGet(now - last, Math::max);
        last = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Seconds of the longest pause between two beats since it was asked last. */
  double longest() {
    return longest.getAndSet(0) / 1e9;
  }
}
