package dev.syrinx.app;

import dev.syrinx.bench.report.Baselines;
import dev.syrinx.bench.report.Comparison;
import dev.syrinx.bench.report.ComparisonException;
import dev.syrinx.bench.report.Ratio;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code syrinx bench compare}. */
@Command(
    name = "compare",
    description = "Two runs of a study, cell by cell: the ratio of the times with its 95 %% interval, and whether they differ.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx bench compare before/records.jsonl after/records.jsonl",
      "  syrinx bench compare --baseline bench/results after --fail-on-regression 5"
    })
final class CompareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..2", paramLabel = "RECORDS",
      description = "The run before and the run after, or with --baseline only the latter: files of records, or folders of studies.")
  private List<Path> runs;

  @Option(names = "--baseline", paramLabel = "FOLDER",
      description = "Take the newest run of the same machine under this folder as the run before.")
  private Path baseline;

  @Option(names = "--timing", defaultValue = StudyNames.TOTAL, paramLabel = "NAME",
      description = "What is compared: total, a stage, microsPerToken, … (default: ${DEFAULT-VALUE}).")
  private String timing;

  @Option(
      names = "--fail-on-regression", arity = "0..1", fallbackValue = "0", paramLabel = "PERCENT",
      description = "Exit code 1 if a cell is slower by more than this with its whole interval, or was measured before and is not any more (default where given alone: 0).")
  private Double tolerated;

  @Option(names = "--across-machines", description = "Compare runs of different machines, too.")
  private boolean across;

  @Override
  public Integer call() throws IOException {
    if (runs.size() != (baseline == null ? 2 : 1)) {
      throw new ParameterException(spec.commandLine(), baseline == null ? "give two runs, or one and --baseline"
          : "with --baseline give one run");
    }
    if (tolerated != null && !(tolerated >= 0)) {
      throw new ParameterException(spec.commandLine(), "--fail-on-regression must be 0 or more, got " + tolerated);
    }
    try {
      List<StudyRecord> after = read(runs.getLast());
      List<StudyRecord> before = baseline == null ? read(runs.getFirst()) : stored(after);
      return report(Comparison.of(before, after, timing, across));
    } catch (ComparisonException | IllegalArgumentException e) {
      throw new CommandException.BadInput(e.getMessage(), e);
    }
  }

  private List<StudyRecord> stored(List<StudyRecord> after) throws IOException {
    Baselines.Stored stored = Baselines.of(baseline, after);
    spec.commandLine().getOut().println("before: " + stored.file());
    return stored.records();
  }

  private static List<StudyRecord> read(Path given) throws IOException {
    return StudyRecords.read(Files.isDirectory(given) ? given.resolve(StudyRecords.FILE) : given);
  }

  private int report(Comparison comparison) {
    PrintWriter out = spec.commandLine().getOut();
    Table table = new Table("cell", "before", "after", "after/before", "95 %", "verdict", "gain after/before", "95 %", "output");
    for (Comparison.Row row : comparison.rows()) {
      table.row(
          row.cell(), row.first(), row.second(), row.ratio().map(r -> String.format(Locale.ROOT, "%.3f", r.value())).orElse(""),
          row.ratio().map(CompareCommand::bounds).orElse(""), row.verdict().words(), row.relative().map(r -> String.format(Locale.ROOT, "%.3f", 1 / r.value())).orElse(""),
          row.relative().map(Ratio::inverse).map(CompareCommand::bounds).orElse(""), row.sameOutput() ? "same" : "differs");
    }
    out.println(table);
    comparison.notes().forEach(out::println);
    int equal = comparison.count(Comparison.Verdict.EQUAL);
    int judged = equal + comparison.count(Comparison.Verdict.SLOWER) + comparison.count(Comparison.Verdict.FASTER);
    out.println(String.format(
        Locale.ROOT, "%d cells, %d with the rounds that a verdict needs: %d without a difference, %d slower, %d faster", comparison.rows().size(), judged, equal,
        comparison.count(Comparison.Verdict.SLOWER), comparison.count(Comparison.Verdict.FASTER)));
    out.println(String.format(Locale.ROOT, "gains over the cells' baselines: the intervals of %d of %d hold 1", comparison.agreeing(), comparison.relatives()));
    int code = tolerated == null ? ExitCode.OK : regressions(out, comparison, judged);
    out.flush();
    return code;
  }

  private static String bounds(Ratio ratio) {
    return String.format(Locale.ROOT, "%.3f to %.3f", ratio.low(), ratio.high());
  }

  private int regressions(PrintWriter out, Comparison comparison, int judged) {
    List<Comparison.Row> worse = comparison.regressions(tolerated / 100);
    if (judged == 0 && worse.isEmpty()) {
      out.flush();
      throw new CommandException.BadInput("no cell has the rounds and processes that a verdict needs, so no regression could be seen; run both studies with --processes 2 or more");
    }
    worse.forEach(row -> out.println("regression: " + row.cell() + ": " + row.first() + " before, " + row.second() + " after"));
    if (worse.isEmpty()) {
      out.println(String.format(Locale.ROOT, "no cell is slower by more than %s %% with its whole interval", tolerated));
    }
    return worse.isEmpty() ? ExitCode.OK : ExitCode.FOUND;
  }
}
