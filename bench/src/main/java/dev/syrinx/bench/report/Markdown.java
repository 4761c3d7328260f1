package dev.syrinx.bench.report;

import java.util.List;

/** Tables of Markdown; texts of results stay texts. */
final class Markdown {
  private final StringBuilder out = new StringBuilder();

  Markdown line(String text) {
    out.append(text).append('\n');
    return this;
  }

  Markdown paragraph(String text) {
    return line(text).line("");
  }

  Markdown table(List<String> headings, List<List<String>> rows) {
    line("| " + String.join(" | ", headings) + " |").line("|" + " --- |".repeat(headings.size()));
    rows.forEach(row -> line("| " + String.join(" | ", row.stream().map(Markdown::cell).toList()) + " |"));
    return line("");
  }

  /** Text of a result as a text of Markdown on one line. */
  static String cell(String text) {
    return Html.text(text).replace("&quot;", "\"").replace("&#39;", "'").replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`")
        .replace("*", "\\*").replace("_", "\\_")
        .replace("[", "\\[").replace('\n', ' ').strip();
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
