package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.bench.study.Metric;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README names every field and every unit. */
class SchemaTest {
  private final String readme;

  SchemaTest() throws Exception {
    readme = Files.readString(Path.of("README.md"));
  }

  @Test
  void everyFieldIsDocumented() throws Exception {
    JsonNode record = new ObjectMapper().readTree(SampleStudy.records(1).getFirst().json());
    record.fieldNames().forEachRemaining(this::documented);
    for (String part : new String[] {"configuration", "provenance", "conditions", "roof", "output", "figures", "price"}) {
      record.get(part).fieldNames().forEachRemaining(this::documented);
    }
    record.get("work").get(0).fieldNames().forEachRemaining(this::documented);
    record.get("timings").fieldNames().forEachRemaining(this::documented);
    record.get("timings").get("total").fieldNames().forEachRemaining(this::documented);
  }

  private void documented(String name) {
    assertTrue(readme.contains("`" + name + "`"), () -> "bench/README.md does not name `" + name + "`");
  }

  @Test
  void everyMetricIsDocumentedWithItsUnit() {
    for (Metric m : Metric.values()) {
      String row = "| `" + m.label() + "` | " + m.unit() + " | " + m.better().name().toLowerCase(java.util.Locale.ROOT) + " | "
          + m.meaning() + " |";
      assertTrue(readme.contains(row), () -> "bench/README.md lacks the row " + row);
    }
  }
}
