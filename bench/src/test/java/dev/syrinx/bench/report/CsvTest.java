package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
  /** A reader of RFC 4180, written apart from the writer. */
  private static List<List<String>> read(String text) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\n')) {
        row.add(field.toString());
        field.setLength(0);
        if (c == '\n') {
          rows.add(row);
          row = new ArrayList<>();
        }
      } else if (quoted || c != '\r') {
        field.append(c);
      }
    }
    return rows;
  }

  @Test
  void everyRecordIsARowWithItsValues() {
    List<StudyRecord> records = SampleStudy.records(2);
    List<List<String>> rows = read(Csv.text(records));
    assertEquals(records.size() + 1, rows.size());
    List<String> names = rows.getFirst();
    for (int i = 0; i < records.size(); i++) {
      StudyRecord r = records.get(i);
      List<String> row = rows.get(i + 1);
      assertEquals(names.size(), row.size());
      assertEquals(r.cell(), row.get(names.indexOf("cell")));
      assertEquals(r.message(), row.get(names.indexOf("message")));
      if (r.state() == StudyRecord.State.MEASURED) {
        assertEquals(r.timings().get("total").median(), Double.parseDouble(row.get(names.indexOf("total.median"))));
        assertEquals(r.configuration().switches().get("precision"), row.get(names.indexOf("switch.precision")));
        assertEquals(r.price().values().get("tokenAgreement"), Double.parseDouble(row.get(names.indexOf("tokenAgreement"))));
      }
    }
  }
}
