package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Intervals;
import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The records of a study, to be asked for cells and ratios. */
public final class Cells {
  /** Name of the study that fills the original report's table. */
  static final String REPORT = "report";

  /** One speaker, one utterance at a time. */
  static final String ONE = "one";

  private final List<StudyRecord> all;
  private final Intervals intervals;

  /** @param all in the order of the file */
  public Cells(List<StudyRecord> all) {
    this.all = List.copyOf(all);
    intervals = new Intervals(all);
  }

  /** All records in the order of the file. */
  public List<StudyRecord> all() {
    return all;
  }

  /** Those that have timings. */
  List<StudyRecord> measured() {
    return all.stream().filter(r -> r.state() == StudyRecord.State.MEASURED && r.timings().containsKey(StudyNames.TOTAL)).toList();
  }

  /** Those that have none. */
  List<StudyRecord> without() {
    return all.stream().filter(r -> r.state() != StudyRecord.State.MEASURED).toList();
  }

  /** Measured cells by study and scenario, in the order of the file. */
  Map<String, List<StudyRecord>> groups() {
    return measured().stream()
        .collect(Collectors.groupingBy(r -> r.study() + "\0" + r.scenario(), LinkedHashMap::new, Collectors.toList()));
  }

  /** Measured cells of a study and scenario. */
  List<StudyRecord> of(String study, String scenario) {
    return groups().getOrDefault(study + "\0" + scenario, List.of());
  }

  /** Measured cells of a study. */
  List<StudyRecord> of(String study) {
    return measured().stream().filter(r -> r.study().equals(study)).toList();
  }

  /** A measured cell. */
  Optional<StudyRecord> find(String study, String scenario, String cell) {
    return of(study, scenario).stream().filter(r -> r.cell().equals(cell)).findFirst();
  }

  /** What a cell is compared with, if that was measured. */
  Optional<StudyRecord> baseline(StudyRecord record) {
    return find(record.study(), record.scenario(), record.baseline());
  }

  /** How many times as fast as its baseline a cell is; empty for the baseline itself. */
  Optional<Ratio> speedUp(StudyRecord record) {
    return record.cell().equals(record.baseline()) ? Optional.empty() : baseline(record).flatMap(b -> ratio(b, record, StudyNames.TOTAL));
  }

  /** One record's timing over another's. */
  Optional<Ratio> ratio(StudyRecord over, StudyRecord under, String timing) {
    return intervals.ratio(over, under, timing).map(Ratio::of);
  }

  /** The one value that all have, if they agree. */
  static <T> Optional<T> common(Collection<T> values) {
    return values.stream().distinct().count() == 1 ? values.stream().findFirst() : Optional.empty();
  }
}
