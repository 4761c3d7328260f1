package dev.syrinx.bench.report;

import dev.syrinx.bench.study.StudyNames;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The page's first answer: a few large numbers, each with interval, price and configuration. */
final class Headline {
  private Headline() {}

  static Figure figure(Cells cells) {
    StringBuilder cards = new StringBuilder();
    for (String name : List.of("full", "accel")) {
      cells.find(Cells.REPORT, Cells.ONE, name).ifPresent(r -> cells.speedUp(r).ifPresent(ratio -> cards.append(speed(cells, r, ratio))));
    }
    Optional<StudyRecord> full = cells.find(Cells.REPORT, Cells.ONE, "full");
    full.ifPresent(r -> cards.append(timing(r, StudyNames.REAL_TIME_FACTOR, "real-time factor", "seconds of work for a second of speech")));
    full.ifPresent(r -> cards.append(timing(r, StudyNames.MICROS_PER_TOKEN, "per code", "of decoding, full")));
    full.ifPresent(r -> cards.append(memory(cells, r)));
    cards.append(batch(cells));
    if (cards.isEmpty()) {
      return Figure.absent("headline", "In short",
          "the cells baseline, accel and full of study \"report\", scenario \"one\", are not in the records");
    }
    return new Figure("headline", "In short", "<div class=\"cards\">" + cards + "</div>\n", "");
  }

  private static String speed(Cells cells, StudyRecord r, Ratio ratio) {
    String took = cells.baseline(r)
        .map(b -> Show.seconds(r.timings().get(StudyNames.TOTAL).median()) + " instead of "
            + Show.seconds(b.timings().get(StudyNames.TOTAL).median())).orElse("");
    String bounds = ratio.bounded() ? ratio.bounds() + " (95 %)" : "";
    String verdict = ratio.differs() ? bounds : bounds + (bounds.isEmpty() ? "" : "; ") + ratio.doubt();
    return card(
        Show.times(ratio.value()), r.cell() + " against " + r.baseline(), verdict, took
            + "; " + PriceTag.of(r), Caption.of(List.of(r)));
  }

  private static String timing(StudyRecord r, String name, String what, String more) {
    Timing t = r.timings().get(name);
    return t == null ? "" : card(
        Show.value(t.median(), t.unit()), what + ", " + r.cell(), interval(t), more + "; " + PriceTag.of(r),
        Caption.of(List.of(r)));
  }

  private static String memory(Cells cells, StudyRecord r) {
    Optional<Memory> mine = Memory.of(r);
    Optional<Memory> base = cells.baseline(r).flatMap(Memory::of);
    return mine.flatMap(m -> m.saving(base).map(saving -> card(
        Show.bytes(m.bytes()), "most memory, " + r.cell(), Memory.words(saving, r.baseline()), PriceTag.name(m.metric()) + ": "
            + m.metric().meaning() + "; " + PriceTag.of(r),
        Caption.of(List.of(r))))).orElse("");
  }

  private static String batch(Cells cells) {
    List<StudyRecord> records = cells.of("batch").stream().filter(r -> r.timings().containsKey(StudyNames.UTTERANCES_PER_SECOND)).toList();
    Comparator<StudyRecord> quickest = Comparator.comparingDouble(r -> r.timings().get(StudyNames.UTTERANCES_PER_SECOND).median());
    return records.stream().max(quickest).filter(r -> r.configuration().batch() > 1)
        .map(r -> timing(r, StudyNames.UTTERANCES_PER_SECOND, "throughput with " + r.configuration().batch() + " requests at a time",
            "utterances in a second")).orElse("");
  }

  private static String card(String number, String what, String interval, String more, String configuration) {
    return "<div class=\"card\"><div class=\"number\">" + Html.text(number) + "</div><div class=\"what\">" + Html.text(what)
        + "</div><div class=\"interval\">" + Html.text(interval)
        + "</div><div class=\"more\">" + Html.text(more) + "</div><div class=\"configuration\">" + Html.text(configuration)
            + "</div></div>\n";
  }

  private static String interval(Timing t) {
    return Show.interval(t) + (t.bounded() ? " (95 %)" : "");
  }
}
