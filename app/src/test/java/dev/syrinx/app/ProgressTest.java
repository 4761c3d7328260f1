package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressTest {
  private static final long SECOND = 1_000_000_000L;

  private final StringWriter err = new StringWriter();
  private final AtomicLong clock = new AtomicLong();

  @Test
  void plainLinesForLogs() {
    work(new Progress(new PrintWriter(err), false, false, clock::get));
    assertEquals(String.join(System.lineSeparator(), "load: 2.0 s", "decode 10/100 (10%), 10.0 s", "decode: 20.0 s", ""), err.toString());
  }

  @Test
  void aTerminalRewritesItsLine() {
    work(new Progress(new PrintWriter(err), false, true, clock::get));
    assertTrue(err.toString().contains("\rdecode 1/100 (1%), 1.0 s"), err.toString());
    assertTrue(err.toString().endsWith("decode: 20.0 s" + System.lineSeparator()), err.toString());
  }

  @Test
  void quietIsQuietButNotesStay() {
    try (Progress progress = new Progress(new PrintWriter(err), true, true, clock::get)) {
      progress.stage("load");
      progress.step(1, 2);
    }
    assertEquals("", err.toString());
    new Progress(new PrintWriter(err), true, false, clock::get).note("the result is noise");
    assertEquals("the result is noise" + System.lineSeparator(), err.toString());
  }

  private void work(Progress progress) {
    try (progress) {
      progress.stage("load");
      clock.addAndGet(2 * SECOND);
      progress.stage("decode");
      for (int i = 1; i <= 20; i++) {
        clock.addAndGet(SECOND);
        if (i <= 12) {
          progress.step(i, 100);
        }
      }
    }
  }
}
