package dev.syrinx.app;

import dev.syrinx.backend.cuda.KernelWatch;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a kernel of {@code --kernel} took in place, as a table. */
final class KernelTimes {
  private KernelTimes() {}

  /** The table, with a line for all calls together; empty if there are no times. */
  static Optional<String> text(List<KernelWatch.Time> times) {
    if (times.isEmpty()) {
      return Optional.empty();
    }
    Table table = new Table("kernel", "calls", "ours µs", "yours µs", "ours", "yours", "shape");
    double ours = 0;
    double yours = 0;
    for (KernelWatch.Time time : times) {
      table.row(time.kernel(), String.valueOf(time.calls()), number(time.ourMicros()), number(time.theirMicros()), time.ours(), time.theirs(), time.shape());
      if (!Double.isNaN(time.ourMicros()) && !Double.isNaN(time.theirMicros())) {
        ours += time.calls() * time.ourMicros();
        yours += time.calls() * time.theirMicros();
      }
    }
    return Optional.of(String.format(Locale.ROOT, "%s%nall calls: ours %.0f µs, yours %.0f µs", table, ours, yours));
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }
}
