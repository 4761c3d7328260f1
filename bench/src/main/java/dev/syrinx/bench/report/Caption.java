package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The configuration under every figure: what all its cells have in common, and which things vary. */
final class Caption {
  private static final List<String> SHOWN = List.of("precision", "steps", "cfg", "schedule");

  private Caption() {}

  /** In words, for records that stand in one figure. */
  static String of(List<StudyRecord> records) {
    if (records.isEmpty()) {
      return "";
    }
    List<String> same = new ArrayList<>();
    Set<String> vary = new LinkedHashSet<>();
    note(records, "", r -> r.configuration().deviceName().isBlank() ? r.configuration().device() : r.configuration().deviceName(), "device",
        same, vary);
    note(records, "model ", r -> r.provenance().model(), "model", same, vary);
    for (String name : SHOWN) {
      note(records, name + " ", r -> r.configuration().switches().getOrDefault(name, "none"), name, same, vary);
    }
    note(records, "beams ", r -> Integer.toString(r.configuration().beams()), "beams", same, vary);
    note(records, "batch ", r -> Integer.toString(r.configuration().batch()), "batch", same, vary);
    note(records, "utterances ", r -> Integer.toString(r.configuration().utterances()), "utterances", same, vary);
    note(records, "at most ", r -> r.configuration().codes() + " codes each", "codes", same, vary);
    note(records, "threads ", r -> Integer.toString(r.configuration().threads()), "threads", same, vary);
    return String.join(" · ", same) + " · rounds " + rounds(records)
        + (vary.isEmpty() ? "" : " · varies: " + String.join(", ", switches(records, vary)));
  }

  private static void note(List<StudyRecord> records, String word, Function<StudyRecord, String> of, String name, List<String> same,
      Set<String> vary) {
    Optional<String> one = Cells.common(records.stream().map(of).toList());
    one.ifPresentOrElse(value -> same.add(word + value), () -> vary.add(name));
  }

  private static String rounds(List<StudyRecord> records) {
    int least = records.stream().mapToInt(r -> r.conditions().rounds()).min().orElse(0);
    int most = records.stream().mapToInt(r -> r.conditions().rounds()).max().orElse(0);
    return least == most ? Integer.toString(least) : least + " to " + most;
  }

  private static Set<String> switches(List<StudyRecord> records, Set<String> vary) {
    Set<String> names = new LinkedHashSet<>();
    records.forEach(r -> names.addAll(r.configuration().switches().keySet()));
    Set<String> all = new LinkedHashSet<>(vary);
    for (String name : names) {
      if (Cells.common(records.stream().map(r -> r.configuration().switches().getOrDefault(name, "none")).toList()).isEmpty()) {
        all.add(name);
      }
    }
    return all;
  }
}
