package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/** Limits the processor time of the calling thread: unlike a clock on the wall, it does not mind a busy machine. */
public final class CpuTime {
  private CpuTime() {}

  public static <T> T within(double seconds, Callable<T> work) {
    long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    T result;
    try {
      result = work.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      return fail(e);
    }
    double spent = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) * 1e-9;
    assertTrue(spent <= seconds, () -> "took " + spent + " s of processor time, more than " + seconds);
    return result;
  }
}
