package dev.syrinx.bench.report;

import dev.syrinx.bench.statistics.Estimate;
import dev.syrinx.bench.study.Intervals;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Two runs of studies, cell by cell: the second's time over the first's, with interval and verdict.
 *
 * @param rows cells that both have
 * @param notes what a reader must know: cells that only one has, machines that differ, how the fixed loop beside the rounds went
 */
public record Comparison(List<Row> rows, List<String> notes) {
  /** What a row says. */
  public enum Verdict {
    SLOWER, FASTER, EQUAL, TOO_FEW, OTHER, GONE;

    /** In words. */
    public String words() {
      return switch (this) {
        case SLOWER -> "slower";
        case FASTER -> "faster";
        case EQUAL -> "no difference shown";
        case TOO_FEW -> "too few rounds or processes";
        case OTHER -> "another configuration";
        case GONE -> "not measured";
      };
    }
  }

  /**
   * One cell.
   *
   * @param cell study, scenario and name
   * @param first median of the first run, with unit; empty if it was not measured
   * @param second of the second run
   * @param ratio second over first, as time: above 1 the second is slower; empty if there is none
   * @param relative the same of the times over those of the cell's baseline: what slowed the whole machine falls out; empty for the baseline itself
   * @param sameOutput whether both said the same bytes
   */
  public record Row(String cell, String first, String second, Optional<Ratio> ratio, Optional<Ratio> relative, Verdict verdict, boolean sameOutput) {
    /** Whether the second is slower by more than a share, with its whole interval. */
    public boolean regressed(double share) {
      return verdict == Verdict.GONE || ratio.filter(Ratio::differs).filter(r -> r.low() > 1 + share).isPresent();
    }
  }

  /** Copies both. */
  public Comparison {
    rows = List.copyOf(rows);
    notes = List.copyOf(notes);
  }

  /**
   * Compares.
   *
   * @param timing name of the timing, such as total
   * @param across whether different machines may be compared
   * @throws ComparisonException if the runs are of different machines and that was not asked for, or have no cell in common
   */
  public static Comparison of(List<StudyRecord> first, List<StudyRecord> second, String timing, boolean across) {
    List<String> notes = new ArrayList<>();
    machines(first, second, across).ifPresent(notes::add);
    calibration(first, second).ifPresent(notes::add);
    Map<String, StudyRecord> before = byCell(first);
    Map<String, StudyRecord> after = byCell(second);
    Both both = new Both(before, after, new Intervals(Stream.concat(before.values().stream(), after.values().stream()).toList()), timing);
    for (Map.Entry<String, Map<String, StudyRecord>> run : Map.of("first", before, "second", after).entrySet()) {
      if (run.getValue().values().stream().noneMatch(r -> both.intervals.lasting(r, timing))) {
        notes.add("the " + run.getKey() + " run was measured by one process, which says nothing of the next: there are no verdicts; run studies with --processes 2 or more");
      }
    }
    List<Row> rows = new ArrayList<>();
    before.forEach((cell, a) -> Optional.ofNullable(after.get(cell)).ifPresentOrElse(
        b -> both.row(cell, a, b).ifPresent(rows::add), () -> notes.add(cell + " is in the first run only")));
    after.keySet().stream().filter(cell -> !before.containsKey(cell)).forEach(cell -> notes.add(cell + " is in the second run only"));
    if (rows.isEmpty()) {
      throw new ComparisonException("the two runs have no measured cell in common: compare runs of the same matrix");
    }
    return new Comparison(rows, notes);
  }

  private static Map<String, StudyRecord> byCell(List<StudyRecord> records) {
    Map<String, StudyRecord> cells = new LinkedHashMap<>();
    records.forEach(r -> cells.put(name(r, r.cell()), r)); // the last counts where a file holds several runs
    return cells;
  }

  private static String name(StudyRecord r, String cell) {
    return r.study() + " / " + r.scenario() + " / " + cell;
  }

  private static Optional<String> machines(List<StudyRecord> first, List<StudyRecord> second, boolean across) {
    List<String> a = first.stream().map(StudyRecord::machineHash).distinct().sorted().toList();
    List<String> b = second.stream().map(StudyRecord::machineHash).distinct().sorted().toList();
    if (a.equals(b)) {
      return Optional.empty();
    }
    if (!across) {
      throw new ComparisonException(
          "the runs are of different machines (" + a + " and " + b
              + "): a difference would be theirs; add --across-machines to compare all the same");
    }
    return Optional.of("the runs are of different machines: " + a + " and " + b);
  }

  /** A machine that was slower as a whole shows in the loop that does the same work everywhere. */
  private static Optional<String> calibration(List<StudyRecord> first, List<StudyRecord> second) {
    double a = calibration(first);
    double b = calibration(second);
    return a > 0 && b > 0
        ? Optional.of("the fixed loop beside the rounds took " + Show.times(b / a) + " of the first run's time in the second")
            : Optional.empty();
  }

  private static double calibration(List<StudyRecord> records) {
    double[] seconds = records.stream()
        .flatMap(r -> r.conditions().runs().stream()).mapToDouble(StudyRecord.Run::calibration).sorted().toArray();
    return seconds.length == 0 ? 0 : seconds[seconds.length / 2];
  }

  /** Both runs by cell, and what they say about their timings. */
  private record Both(Map<String, StudyRecord> before, Map<String, StudyRecord> after, Intervals intervals, String timing) {
    Optional<Row> row(String cell, StudyRecord a, StudyRecord b) {
      Timing was = a.timings().get(timing);
      Timing is = b.timings().get(timing);
      if (was == null) {
        return Optional.empty();
      }
      String first = Show.value(was.median(), was.unit());
      if (is == null) {
        return Optional.of(new Row(cell, first, b.message(), Optional.empty(), Optional.empty(), Verdict.GONE, false));
      }
      String second = Show.value(is.median(), is.unit());
      boolean same = !a.output().sha256().isEmpty() && a.output().sha256().equals(b.output().sha256());
      if (!task(a).equals(task(b))) {
        return Optional.of(new Row(cell, first, second, Optional.empty(), Optional.empty(), Verdict.OTHER, same));
      }
      boolean rate = is.unit().endsWith("/s");
      Optional<Ratio> ratio = intervals.ratio(b, a, timing).map(r -> turned(r, rate));
      Optional<Ratio> relative = relative(a, b).map(r -> turned(r, rate));
      return Optional.of(new Row(cell, first, second, ratio, relative, ratio.map(Comparison::verdict).orElse(Verdict.TOO_FEW), same));
    }

    private Optional<Estimate> relative(StudyRecord a, StudyRecord b) {
      StudyRecord under = before.get(name(a, a.baseline()));
      StudyRecord over = after.get(name(b, b.baseline()));
      if (a.cell().equals(a.baseline()) || under == null || over == null) {
        return Optional.empty();
      }
      if (!intervals.lasting(a, timing) || !intervals.lasting(b, timing)) {
        return Optional.empty();
      }
      return intervals.ratio(b, over, timing).flatMap(y -> intervals.ratio(a, under, timing).map(y::over)).filter(Estimate::bounded);
    }

    private static Ratio turned(Estimate estimate, boolean rate) {
      Ratio ratio = Ratio.of(estimate);
      return rate ? ratio.inverse() : ratio;
    }
  }

  private static List<Object> task(StudyRecord r) {
    var c = r.configuration();
    return Arrays.asList(
        c.switches(), c.beams(), c.sequences(), c.batch(), c.utterances(), c.codes(), c.textTokens(), c.clipSeconds(), c.threads(),
            c.seed(), c.text(), r.provenance().modelHash());
  }

  private static Verdict verdict(Ratio ratio) {
    if (!ratio.bounded()) {
      return Verdict.TOO_FEW;
    }
    return !ratio.differs() ? Verdict.EQUAL : ratio.value() > 1 ? Verdict.SLOWER : Verdict.FASTER;
  }

  /** Cells with a verdict. */
  public int count(Verdict verdict) {
    return (int) rows.stream().filter(r -> r.verdict() == verdict).count();
  }

  /** Cells whose gain over their baseline can be compared. */
  public int relatives() {
    return (int) rows.stream().filter(r -> r.relative().isPresent()).count();
  }

  /** Those of them whose interval holds 1: the two runs agree. */
  public int agreeing() {
    return (int) rows.stream().filter(r -> r.relative().filter(v -> !v.differs()).isPresent()).count();
  }

  /** Cells that are slower by more than a share with their whole interval, or that are not measured any more. */
  public List<Row> regressions(double share) {
    return rows.stream().filter(r -> r.regressed(share)).toList();
  }
}
