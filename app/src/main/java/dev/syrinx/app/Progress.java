package dev.syrinx.app;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * What is going on, on stderr. On a terminal one line is rewritten in place; elsewhere each stage is one line when it ends, and a long one
 * says every ten seconds that it lives. Calls may come from any thread.
 */
public final class Progress implements AutoCloseable {
  /** Set by the launcher when stderr is a terminal; the console that Java reports is about stdin and stdout. */
  static final String TERMINAL_PROPERTY = "syrinx.stderr.terminal";

  private static final long TERMINAL_INTERVAL = Duration.ofMillis(100).toNanos();
  private static final long PLAIN_INTERVAL = Duration.ofSeconds(10).toNanos();
  private static final int WIDTH = 78;

  /** What a listener of long work sees. */
  private enum Style { SILENT, PLAIN, TERMINAL }

  private final PrintWriter err;
  private final Style style;
  private final LongSupplier clock;
  private String stage = "";
  private long started;
  private long shown;
  private long done;
  private long total;

  Progress(PrintWriter err, boolean quiet, boolean terminal, LongSupplier clock) {
    this.err = err;
    style = quiet ? Style.SILENT : terminal ? Style.TERMINAL : Style.PLAIN;
    this.clock = clock;
  }

  /** Progress on the given writer to stderr. */
  public static Progress to(PrintWriter err, boolean quiet) {
    return new Progress(err, quiet, Boolean.getBoolean(TERMINAL_PROPERTY), System::nanoTime);
  }

  /** Ends the stage before and starts one. */
  public synchronized void stage(String name) {
    end();
    stage = name;
    started = clock.getAsLong();
    shown = started;
    done = 0;
    total = 0;
    if (style == Style.TERMINAL) {
      rewrite(line());
    }
  }

  /** How much of the stage is done; a total of 0 means that nobody knows. */
  public synchronized void step(long nowDone, long ofTotal) {
    done = nowDone;
    total = ofTotal;
    long now = clock.getAsLong();
    if (style == Style.SILENT || now - shown < (style == Style.TERMINAL ? TERMINAL_INTERVAL : PLAIN_INTERVAL)) {
      return;
    }
    shown = now;
    if (style == Style.TERMINAL) {
      rewrite(line());
    } else {
      err.println(line());
      err.flush();
    }
  }

  /** A line that stays, such as a warning; printed even when progress is silent. */
  public synchronized void note(String text) {
    if (style == Style.TERMINAL) {
      rewrite("");
    }
    err.println(text);
    err.flush();
  }

  private void end() {
    if (stage.isEmpty() || style == Style.SILENT) {
      stage = "";
      return;
    }
    if (style == Style.TERMINAL) {
      rewrite("");
    }
    err.println(stage + ": " + seconds());
    err.flush();
    stage = "";
  }

  private String line() {
    String count = total > 0 ? String.format(Locale.ROOT, " %d/%d (%d%%)", done, total, 100 * done / total) : done > 0 ? " " + done : "";
    return stage + count + ", " + seconds();
  }

  private String seconds() {
    return String.format(Locale.ROOT, "%.1f s", (clock.getAsLong() - started) / 1e9);
  }

  /** Replaces the current line of the terminal; longer text would wrap and stay behind. */
  private void rewrite(String text) {
    String cut = text.length() > WIDTH ? text.substring(0, WIDTH) : text;
    err.print("\r" + cut + " ".repeat(WIDTH - cut.length()) + "\r" + cut);
    err.flush();
  }

  /** Ends the last stage. */
  public synchronized void finish() {
    end();
  }

  /** Ends the last stage. */
  @Override
  public void close() {
    finish();
  }
}
