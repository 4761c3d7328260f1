package dev.syrinx.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results that commands other than studies write, each a JSON file of its own form. */
enum ResultKind {
  PEERS("Side by side with others") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("peer").asText() + (json.has("threads") ? ", " + json.path("threads").asText() + " threads" : ""));
      List<List<String>> rows = new ArrayList<>();
      json.path("cases").forEach(c -> rows.add(List.of(
          c.path("case").asText(), c.path("conditions").asText(), samples(c.path("syrinxMs")), samples(c.path("peerMs")),
              Show.number(c.path("ratio").asDouble()))));
      out.table(List.of("case", "conditions", "Syrinx ms", "peer ms", "peer/Syrinx"), rows);
    }
  },
  MODEL("The whole engine, stage by stage") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("conditions").asText());
      List<String> stages = new ArrayList<>();
      json.path("runs").forEach(run -> run.path("seconds").fieldNames().forEachRemaining(s -> {
        if (!stages.contains(s)) {
          stages.add(s);
        }
      }));
      List<String> headings = new ArrayList<>(List.of("codes", "audio s"));
      stages.forEach(s -> headings.add(s + " s"));
      headings.addAll(List.of("total s", "RTF"));
      List<List<String>> rows = new ArrayList<>();
      json.path("runs").forEach(run -> {
        List<String> row = new ArrayList<>(List.of(run.path("codes").asText(), number(run, "audioSeconds")));
        stages.forEach(s -> row.add(number(run.path("seconds"), s)));
        row.addAll(List.of(number(run, "totalSeconds"), number(run, "realTimeFactor")));
        rows.add(row);
      });
      out.table(headings, rows);
      out.paragraph("Loading " + number(json, "loadSeconds") + " s, preparing a voice " + number(json, "voiceSeconds") + " s; off the heap "
          + Show.bytes(json.path("offHeapBytes").asDouble()) + ", resident at most " + Show.bytes(json.path("peakResidentBytes").asDouble())
              + ".");
    }
  },
  PROCESSES("Speaking in new processes") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("conditions").asText());
      Map<List<String>, List<JsonNode>> kinds = new LinkedHashMap<>();
      json.path("processes").forEach(p -> kinds.computeIfAbsent(List.of(p.path("words").asText(), p.path("beams").asText()), k -> new ArrayList<>()).add(p));
      List<List<String>> rows = new ArrayList<>();
      kinds.forEach((kind, runs) -> {
        List<String> row = new ArrayList<>(kind);
        row.add(Integer.toString(runs.size()));
        List.of("audioSeconds", "speakSeconds", "realTimeFactor", "processSeconds").forEach(name -> row.add(spread(runs, name)));
        rows.add(row);
      });
      out.table(List.of("words", "beams", "processes", "audio s", "speaking s", "RTF", "process s"), rows);
    }
  },
  KERNELS("Kernels") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("device").asText());
      List<List<String>> rows = new ArrayList<>();
      json.path("calls").forEach(c -> rows.add(List.of(
          c.path("kernel").asText(), c.path("variant").asText(), c.path("type").asText().toLowerCase(Locale.ROOT), c.path("name").asText(),
              c.path("shape").asText(),
          c.path("failure").asText().isEmpty() ? number(c, "micros") : c.path("failure").asText(), number(c, "gigabytesPerSecond"),
              number(c, "teraflopsPerSecond"))));
      out.line("<details><summary>" + rows.size() + " calls</summary>").line("");
      out.table(List.of("kernel", "variant", "type", "case", "shape", "us", "GB/s", "TFLOP/s"), rows);
      out.line("</details>").line("");
    }
  },
  SOAK("Many utterances in a row") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("conditions").asText());
      List<List<String>> rows = new ArrayList<>();
      JsonNode readings = json.path("readings");
      JsonNode again = json.path("readingsOnceMore");
      for (JsonNode r : again.isArray() ? List.of(last(readings), last(again)) : List.of(readings.path(0), last(readings))) {
        List<String> row = new ArrayList<>(List.of(r.path("utterances").asText()));
        List.of("engineBytes", "deviceBytes", "heapBytes", "residentBytes").forEach(n -> row.add(Show.bytes(r.path(n).asDouble())));
        rows.add(row);
      }
      out.table(List.of("utterances", "engine", "device", "heap", "resident process"), rows);
      if (again.isArray()) {
        out.paragraph("The second row is behind the same utterances once more.");
      }
      out.paragraph(json.path("grew").isEmpty() ? "Nothing grew." : "Grew: " + Markdown.cell(json.path("grew").toString()) + ".");
    }
  },
  CHECKS("Checks of correctness") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      head(out, file, json, json.path("check").asText() + (json.has("on") ? ", " + json.path("on").asText() : ""));
      if (json.has("models")) {
        ResultChecks.golden(out, json);
      } else if (json.has("rows")) {
        ResultChecks.ways(out, json);
      } else {
        out.paragraph(json.path("tokens").asText() + " codes: " + (json.path("equal").asBoolean() ? "equal" : "not equal") + "; equal up to the first difference: "
            + Markdown.cell(json.path("equalCodes").toString()) + ".");
      }
    }
  },
  OTHER("Other files") {
    @Override
    void write(Markdown out, String file, JsonNode json) {
      List<String> fields = new ArrayList<>();
      json.properties().forEach(f -> fields.add(f.getValue().isValueNode() ? f.getKey() + " " + f.getValue().asText() : f.getKey()));
      out.paragraph("[" + file + "](results/" + file + "): " + Markdown.cell(String.join(", ", fields)) + ".");
    }
  };

  private final String title;

  ResultKind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** One file's part. */
  abstract void write(Markdown out, String file, JsonNode json);

  /** What a file is, by what is in it. */
  static ResultKind of(JsonNode json) {
    if (json.path("cases").isArray() && json.has("peer")) {
      return PEERS;
    }
    if (json.path("runs").isArray() && json.has("conditions")) {
      return MODEL;
    }
    if (json.path("processes").isArray()) {
      return PROCESSES;
    }
    if (json.path("calls").isArray() && json.has("device")) {
      return KERNELS;
    }
    if (json.has("check")) {
      return CHECKS;
    }
    return json.path("readings").isArray() ? SOAK : OTHER;
  }

  private static void head(Markdown out, String file, JsonNode json, String conditions) {
    out.paragraph("### " + file.replace(".json", ""));
    JsonNode machine = json.path("machine");
    List<String> parts = new ArrayList<>(List.of(Markdown.cell(conditions)));
    if (machine.isObject()) {
      parts.add(Markdown.cell(machine.path("cpu").asText() + ", " + machine.path("processors").asText() + " processors, "
          + machine.path("java").asText()));
      parts.add("load at the start " + number(machine, "load"));
    }
    out.paragraph(String.join("; ", parts) + ". [file](results/" + file + ")");
  }

  /** The middle one, with the least and the most beside it. */
  private static String spread(List<JsonNode> runs, String name) {
    double[] sorted = runs.stream().mapToDouble(run -> run.path(name).asDouble()).sorted().toArray();
    String middle = Show.number((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2);
    return sorted[0] == sorted[sorted.length - 1] ? middle : middle + " (" + Show.number(sorted[0]) + " to " + Show.number(sorted[sorted.length - 1]) + ")";
  }

  private static String number(JsonNode node, String name) {
    return node.path(name).isNumber() ? Show.number(node.path(name).asDouble()) : "";
  }

  /** A median with its interval. */
  private static String samples(JsonNode s) {
    JsonNode interval = s.path("interval95");
    return s.isNumber() ? Show.number(s.asDouble())
        : number(s, "median") + " (" + Show.number(interval.path(0).asDouble()) + " to " + Show.number(interval.path(1).asDouble()) + ", n "
            + s.path("n").asText() + ")";
  }

  private static JsonNode last(JsonNode readings) {
    return readings.path(readings.size() - 1);
  }
}
