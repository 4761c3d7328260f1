package dev.syrinx.text.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.text.CpuTime;
import dev.syrinx.text.TextModelException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The same text as Jinja2 writes, and a clear refusal of what is not understood. */
class ChatTemplateTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<JsonNode> rows() throws IOException {
    try (InputStream in = ChatTemplateTest.class.getResourceAsStream("jinja-rows.json")) {
      List<JsonNode> rows = new ArrayList<>();
      JSON.readTree(in).forEach(rows::add);
      assertEquals(30, rows.size());
      return rows.stream();
    }
  }

  private static Map<String, Object> context(JsonNode row) {
    return JSON.convertValue(row.get("context"), new TypeReference<Map<String, Object>>() {});
  }

  @ParameterizedTest
  @MethodSource("rows")
  void asJinjaDoes(JsonNode row) {
    String source = row.get("template").asText();
    if (row.has("error")) {
      assertThrows(TextModelException.class, () -> ChatTemplate.parse(source, "t").render(context(row)));
    } else {
      assertEquals(row.get("result").asText(), ChatTemplate.parse(source, "t").render(context(row)), source);
    }
  }

  @ParameterizedTest
  @CsvSource(quoteCharacter = '`', delimiter = '!', value = {
    "{% macro f() %}{% endmacro %}!macro",
    "{% include 'x' %}!include",
    "{% raw %}{% endraw %}!raw",
    "{{ x|sort }}!sort",
    "{{ x is divisibleby(3) }}!divisibleby",
    "{{ lipsum() }}!lipsum",
    "{{ 'a'.format(1) }}!format",
    "{{ strftime_now('%Y') }}!strftime_now",
    "{{ 2 ** 3 }}!**",
    "{{ 1 < 2 < 3 }}!chained",
    "{% set a %}x{% endset %}!set",
    "{{ [1]|tojson(indent=2) }}!indent",
    "{{ ''.__class__.__mro__ }}!__mro__",
    "{{ missing.x }}!undefined",
    "{{ 'a' + 1 }}!+",
    "{{ 1 // 0 }}!zero",
    "{% if x %}!endif",
    "{% endfor %}!endfor",
    "{{ 'a }}!string",
    "{{ a!closed",
    "{# a!closed",
    "{{ [1, 2] }}!list",
    "{{ ? }}!?"})
  void whatIsNotUnderstoodIsNamed(String source, String named) {
    TextModelException e =
        assertThrows(TextModelException.class, () -> ChatTemplate.parse(source, "chat_template.jinja").render(Map.of("x", 1)));
    assertTrue(e.getMessage().startsWith("chat_template.jinja, line 1: "), e.getMessage());
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void hostileTemplatesEnd() {
    List<String> hostile = List.of(
        "{{ " + "(".repeat(100_000),
        "{{ 1" + " + 1".repeat(100_000) + " }}",
        "{{ " + "not ".repeat(100_000) + "1 }}",
        "{{ x" + "|trim".repeat(100_000) + " }}",
        "{{ x" + ".a".repeat(100_000) + " }}",
        "{{ 1" + " if 1 else 1".repeat(100_000) + " }}",
        "{% if 1 %}".repeat(100_000),
        "{% for a in range(1000000000000) %}{% endfor %}",
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(s='xxxxxxxx') %}{% for a in range(64) %}{% set n.s = n.s + n.s %}{% endfor %}",
        "{% for a in range(99999) %}{{ '" + "x".repeat(10_000) + "' }}{% endfor %}");
    for (String source : hostile) {
      CpuTime.within(8,
          () -> assertThrows(
              TextModelException.class, () -> ChatTemplate.parse(source, "t").render(Map.of("x", "y")), source.substring(0, 30)));
    }
  }

  @Test
  void mutatedTemplatesEnd() throws IOException {
    List<JsonNode> rows = rows().toList();
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      JsonNode row = rows.get(random.nextInt(rows.size()));
      StringBuilder source = new StringBuilder(row.get("template").asText());
      for (int i = 0; i <= random.nextInt(4); i++) {
        int at = random.nextInt(source.length());
        source.setCharAt(at, random.nextBoolean() ? (char) (' ' + random.nextInt(95)) : source.charAt(random.nextInt(source.length())));
      }
      try {
        ChatTemplate.parse(source.toString(), "mutated").render(context(row));
      } catch (TextModelException e) {
        assertTrue(e.getMessage().startsWith("mutated"), e.getMessage());
      }
    }
  }
}
