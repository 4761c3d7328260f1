package dev.syrinx.app;

import dev.syrinx.bench.report.Csv;
import dev.syrinx.bench.report.Page;
import dev.syrinx.bench.report.Results;
import dev.syrinx.bench.report.StudyReport;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.StudyRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code syrinx bench report}. */
@Command(
    name = "report",
    description = "What people read of results: the page and the table of a study, or one Markdown file of all results in a folder. Measures nothing.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx bench report study",
      "  syrinx bench report study/records.jsonl -o page.html",
      "  syrinx bench report bench/results -o bench/RESULTS.md"
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "RESULTS", description = "A study's folder, a file of records, or for Markdown a folder of results.")
  private Path results;

  @Option(
      names = {"-o", "--output"}, paramLabel = "FILE", converter = Output.Converter.class,
      description = "A file whose name ends with .html, .csv or .md (default: records.csv and index.html in the study's folder).")
  private Output output;

  @Override
  public Integer call() throws IOException {
    try {
      if (output == null) {
        beside();
      } else {
        byte[] made = made(output.toString()).getBytes(StandardCharsets.UTF_8);
        output.write(out -> out.write(made));
      }
    } catch (IllegalArgumentException e) {
      throw new CommandException.BadInput(e.getMessage(), e);
    }
    return ExitCode.OK;
  }

  private void beside() throws IOException {
    if (!Files.isRegularFile(results.resolve(StudyRecords.FILE))) {
      throw new ParameterException(spec.commandLine(), results + " holds no " + StudyRecords.FILE
          + ": name a study's folder, or say with -o what to make");
    }
    StudyReport.write(results);
    spec.commandLine().getOut().println("wrote " + results.resolve(StudyReport.TABLE) + " and " + results.resolve(StudyReport.PAGE));
    spec.commandLine().getOut().flush();
  }

  private String made(String name) throws IOException {
    if (name.endsWith(".md")) {
      return Results.markdown(results);
    }
    List<StudyRecord> records = StudyRecords.read(Files.isDirectory(results) ? results.resolve(StudyRecords.FILE) : results);
    if (name.endsWith(".csv")) {
      return Csv.text(records);
    }
    if (name.endsWith(".html")) {
      return Page.html(records);
    }
    throw new ParameterException(spec.commandLine(), "-o " + name + ": the name says what is made: .html, .csv or .md");
  }
}
