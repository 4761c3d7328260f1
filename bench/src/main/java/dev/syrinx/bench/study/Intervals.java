package dev.syrinx.bench.study;

import dev.syrinx.bench.statistics.Estimate;
import dev.syrinx.bench.statistics.Observation;
import dev.syrinx.bench.statistics.Timings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What all records of a run together say about the timings of each: see {@link Timings}. */
public final class Intervals {
  private record Key(String run, String timing) {}

  private final Map<String, List<StudyRecord>> runs;
  private final Map<Key, Timings> known = new HashMap<>();

  /** @param records of one run or of several, each for itself */
  public Intervals(List<StudyRecord> records) {
    runs = records.stream().filter(r -> !r.timings().isEmpty()).collect(Collectors.groupingBy(StudyRecord::run));
  }

  /** The records with the intervals of their timings. */
  static List<StudyRecord> filled(List<StudyRecord> records) {
    Intervals intervals = new Intervals(records);
    return records.stream().map(r -> {
      Map<String, Timing> timings = new LinkedHashMap<>();
      r.timings().forEach((name, t) -> timings.put(name, intervals.level(r, name).map(t::with).orElse(t)));
      return r.with(timings);
    }).toList();
  }

  /** What a record's timing typically is; empty if it has no such timing, or one that is not positive. */
  public Optional<Estimate> level(StudyRecord record, String timing) {
    return usable(record, timing) ? Optional.of(timings(record.run(), timing).level(record.conditions().subject())) : Optional.empty();
  }

  /**
   * One record's timing over another's. Of one run, what its rounds and processes have in common falls out; of two runs, it stays in, and where one of them had a single process there is no interval:
   * its rounds lie in one moment of the machine and in one compilation, and say nothing of the next.
   *
   * @return empty if one has no such timing, or one that is not positive
   */
  public Optional<Estimate> ratio(StudyRecord over, StudyRecord under, String timing) {
    if (!usable(over, timing) || !usable(under, timing)) {
      return Optional.empty();
    }
    return over.run().equals(under.run())
        ? Optional.of(timings(over.run(), timing).ratio(over.conditions().subject(), under.conditions().subject()))
        : level(over, timing).flatMap(a -> level(under, timing).map(b -> lasting(over, timing) && lasting(under, timing) ? a.over(b) : a.over(b).withoutInterval()));
  }

  /** Whether a record's run knows how processes differ. */
  public boolean lasting(StudyRecord record, String timing) {
    return usable(record, timing) && timings(record.run(), timing).processes() > 1;
  }

  private static boolean usable(StudyRecord record, String timing) {
    Timing t = record.timings().get(timing);
    return t != null && t.samples().stream().allMatch(v -> v > 0 && Double.isFinite(v)) && t.samples().size() <= record.conditions().runs().size();
  }

  private Timings timings(String run, String timing) {
    return known.computeIfAbsent(new Key(run, timing), k -> Timings.of(observations(runs.getOrDefault(run, List.of()), timing)));
  }

  /** Cells that share their measurements are one subject. */
  private static List<Observation> observations(List<StudyRecord> records, String timing) {
    List<Observation> all = new ArrayList<>();
    records.stream().filter(r -> usable(r, timing)).collect(Collectors.toMap(r -> r.conditions().subject(), Function.identity(), (a, b) -> a, LinkedHashMap::new))
        .forEach((subject, r) -> {
          List<Double> samples = r.timings().get(timing).samples();
          for (int i = 0; i < samples.size(); i++) {
            StudyRecord.Run run = r.conditions().runs().get(i);
            all.add(new Observation(subject, run.process(), run.round(), samples.get(i), List.of(Math.log(run.calibration()), run.waited())));
          }
        });
    return all;
  }
}
