package dev.syrinx.bench.report;

import dev.syrinx.bench.study.Metric;
import dev.syrinx.bench.study.OwnKernel;
import dev.syrinx.bench.study.StudyRecord;
import dev.syrinx.bench.study.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records as a table: one row a cell, in the quoting of RFC 4180. The columns are the scalar fields of the records by the names they have
 * in JSON, {@code switch.NAME} for each
 * switch, {@code NAME.median}, {@code NAME.low}, {@code NAME.high} and {@code NAME.unit} for each timing, and the metrics by name. The
 * samples are in the JSON lines only.
 */
public final class Csv {
  private static final String END = "\r\n";

  private Csv() {}

  /** The whole table with its heading. */
  public static String text(List<StudyRecord> records) {
    List<Map<String, String>> rows = records.stream().map(Csv::row).toList();
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(r -> names.addAll(r.keySet()));
    StringBuilder text = new StringBuilder(names.stream().map(Csv::quoted).collect(Collectors.joining(","))).append(END);
    rows.forEach(r -> text.append(names.stream().map(n -> quoted(r.getOrDefault(n, ""))).collect(Collectors.joining(","))).append(END));
    return text.toString();
  }

  private static Map<String, String> row(StudyRecord r) {
    Map<String, String> row = new LinkedHashMap<>();
    row.put("schema", StudyRecord.SCHEMA);
    row.put("run", r.run());
    row.put("study", r.study());
    row.put("scenario", r.scenario());
    row.put("cell", r.cell());
    row.put("baseline", r.baseline());
    row.put("state", r.state().label());
    row.put("message", r.message());
    configuration(row, r.configuration());
    row.put("model", r.provenance().model());
    row.put("modelHash", r.provenance().modelHash());
    row.put("kernelsHash", r.provenance().kernelsHash());
    row.put("machineHash", r.machineHash());
    row.put("rounds", Integer.toString(r.conditions().rounds()));
    row.put("disturbed", Integer.toString(r.conditions().disturbed()));
    row.put("audioSeconds", Double.toString(r.output().audioSeconds()));
    row.put("outputSha256", r.output().sha256());
    r.timings().forEach((name, t) -> timing(row, name, t));
    for (Metric metric : Metric.values()) {
      row.put(metric.label(), "");
    }
    r.figures().values().forEach((name, v) -> row.put(name, v.toString()));
    r.price().values().forEach((name, v) -> row.put(name, v.toString()));
    row.put("kernels", r.kernels().stream().map(Csv::kernel).collect(Collectors.joining("; ")));
    row.put("priceReference", r.price().reference());
    row.put("priceCodes", r.price().codes());
    List<String> absent = new ArrayList<>();
    r.figures().absent().forEach((name, why) -> absent.add(name + ": " + why));
    r.price().absent().forEach((name, why) -> absent.add(name + ": " + why));
    row.put("absent", String.join("; ", absent));
    return row;
  }

  private static void configuration(Map<String, String> row, StudyRecord.Configuration c) {
    row.put("device", c.device());
    row.put("deviceName", c.deviceName());
    row.put("preset", c.preset());
    c.switches().forEach((name, value) -> row.put("switch." + name, value));
    row.put("beams", Integer.toString(c.beams()));
    row.put("sequences", Integer.toString(c.sequences()));
    row.put("batch", Integer.toString(c.batch()));
    row.put("utterances", Integer.toString(c.utterances()));
    row.put("codes", Integer.toString(c.codes()));
    row.put("textTokens", Integer.toString(c.textTokens()));
    row.put("clipSeconds", Double.toString(c.clipSeconds()));
    row.put("threads", Integer.toString(c.threads()));
    row.put("seed", Long.toString(c.seed()));
  }

  private static void timing(Map<String, String> row, String name, Timing t) {
    row.put(name + ".median", Double.toString(t.median()));
    row.put(name + ".low", Double.toString(t.low()));
    row.put(name + ".high", Double.toString(t.high()));
    row.put(name + ".unit", t.unit());
  }

  private static String kernel(OwnKernel k) {
    return k.kernel() + " " + k.shape() + ": " + k.calls() + " calls, " + k.own() + " " + k.ownMicros() + " us, " + k.instead() + " " + k.insteadMicros() + " us";
  }

  private static String quoted(String value) {
    return value.matches("[^\",\r\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
