package dev.syrinx.bench.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code syrinx verify} wrote, as Markdown. */
final class ResultChecks {
  private ResultChecks() {}

  /** Outputs within their tolerance, model by model and stage by stage; the tolerances are for float32. */
  static void golden(Markdown out, JsonNode json) {
    for (JsonNode model : json.path("models")) {
      Map<String, double[]> stages = new LinkedHashMap<>(); // outputs, within, the largest error over its tolerance
      model.path("outputs").forEach(o -> add(stages.computeIfAbsent(o.path("stage").asText(), _ -> new double[3]), o));
      double outputs = stages.values().stream().mapToDouble(s -> s[0]).sum();
      double within = stages.values().stream().mapToDouble(s -> s[1]).sum();
      out.paragraph(Markdown.cell(model.path("model").asText() + ", " + model.path("precision").asText() + ", " + model.path("on").asText()) + ": "
          + Show.number(within) + " of " + Show.number(outputs) + " outputs are within the tolerances of fp32.");
      List<List<String>> rows = new ArrayList<>();
      stages.forEach((name, s) -> rows.add(List.of(name, Show.number(s[0]), Show.number(s[1]), s[2] > 0 ? Show.number(s[2]) : "0")));
      out.line("<details><summary>" + rows.size() + " stages</summary>").line("");
      out.table(List.of("stage", "outputs", "within", "largest error over its tolerance"), rows);
      out.line("</details>").line("");
    }
  }

  private static void add(double[] stage, JsonNode output) {
    double error = output.path("error").asDouble();
    double tolerance = output.path("tolerance").asDouble();
    stage[0]++;
    stage[1] += error <= tolerance && output.path("problem").asText().isEmpty() ? 1 : 0;
    stage[2] = Math.max(stage[2], tolerance > 0 ? error / tolerance : 0);
  }

  /** Equal runs by the way in which codes were made. */
  static void ways(Markdown out, JsonNode json) {
    Map<String, long[]> ways = new LinkedHashMap<>();
    json.path("rows").forEach(r -> {
      long[] way = ways.computeIfAbsent(r.path("way").asText(), _ -> new long[3]);
      way[0]++;
      way[1] += r.path("runs").asLong();
      way[2] += r.path("equal").asLong();
    });
    List<List<String>> rows = new ArrayList<>();
    ways.forEach((name, w) -> rows.add(List.of(name, Long.toString(w[0]), Long.toString(w[1]), Long.toString(w[2]))));
    out.table(List.of("way", "combinations", "runs", "equal"), rows);
  }
}
