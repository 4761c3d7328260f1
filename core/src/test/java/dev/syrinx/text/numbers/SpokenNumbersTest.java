package dev.syrinx.text.numbers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.text.CpuTime;
import dev.syrinx.text.Glossary;
import dev.syrinx.text.Golden;
import dev.syrinx.text.Language;
import dev.syrinx.text.TextNormalizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables of readings, and texts that try to make the rules slow or fail. */
class SpokenNumbersTest {
  private static final NumberReader READER = NumberReader.spoken();

  static Stream<String> english() throws IOException {
    return table("english.tsv", 80);
  }

  static Stream<String> chinese() throws IOException {
    return table("chinese.tsv", 80);
  }

  private static Stream<String> table(String name, int least) throws IOException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(SpokenNumbersTest.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
      List<String> rows = in.lines().toList();
      assertFalse(rows.size() < least, "rows " + rows.size());
      return rows.stream();
    }
  }

  @ParameterizedTest
  @MethodSource("english")
  void english(String row) {
    String[] columns = row.split("\t", -1);
    assertEquals(columns[1], READER.read(columns[0], Language.ENGLISH));
  }

  @ParameterizedTest
  @MethodSource("chinese")
  void chinese(String row) {
    String[] columns = row.split("\t", -1);
    assertEquals(columns[1], READER.read(columns[0], Language.CHINESE));
  }

  @Test
  void fitsIntoTheNormaliser() {
    TextNormalizer normalizer = new TextNormalizer(READER, Glossary.empty());
    assertEquals("GPT-five-Nano is the smallest variant in the GPT-five family.",
        normalizer.normalize("GPT-5-Nano is the smallest variant in the GPT-5 family."));
    assertEquals("他JVE2得这很有JV4大的意义,花了一百美元.", normalizer.normalize("他jue2得这很有ju4大的意义，花了$100。"));
    assertEquals("电话,幺三五四五六七八九零零", normalizer.normalize("电话：135-4567-8900"));
    assertEquals("约瑟夫-高登-莱维特来了两次", normalizer.normalize("约瑟夫·高登-莱维特来了2次"));
  }

  @Test
  void goldenTextsWithoutNumbersStayAsTheyAre() {
    TextNormalizer normalizer = new TextNormalizer(READER, Glossary.empty());
    int rows = 0;
    for (JsonNode row : Golden.json("text.json").get("texts")) {
      String text = row.get("text").asText();
      if (!row.get("needs_tn").asBoolean() && text.strip().length() > 1) {
        assertEquals(row.get("normalized").asText(), normalizer.normalize(text));
        rows++;
      }
    }
    assertEquals(46, rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "1,", "1,111", "1.", "1-", "1:", "1/", "$1", "1 ",
    "1%", "-", ".", "a", "a1", "1a", "a@", "@", "a.b@c.d", "http://",
    "www.", "12:", "2024-", "2024-01-01", "1月", "2个", "年", "1 1/", "½", "#1", "1km",
    "1x", "+", "1+", "Jan 1", "May ", "０", "，", "臺", "No. "})
  void longTextsTakeLittleTime(String unit) {
    String text = unit.repeat(20_000 / unit.length());
    for (Language language : Language.values()) {
      assertFalse(CpuTime.within(1.5, () -> READER.read(text, language)).isEmpty());
    }
  }

  @Test
  void noTextMakesTheRulesFail() {
    String[] parts = {"0", "00", "1", "2", "9", "12", "31", "99", "2024", "1990", "123456789012345678901",
      ",", ".", "-", "–", "/", ":", "%", "$",
      "€", "￥", " ", "  ", "\n", "am", "PM", "a.m.", "st", "th", "s", "km",
      "km/h", "°C", "½", "x", "+", "=", "Jan", "May.", "No.", "#", "year", "in ",
      "BC", "年", "月", "日", "号", "点", "个", "第", "万", "亿", "比分", "电话", "到", "至", "@", "www.",
      "http://a", "e.g.", "vs.", "USD", "<H>", "٣", "１"};
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(10); n >= 0; n--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      for (Language language : Language.values()) {
        String read = READER.read(text.toString(), language);
        assertFalse(read.chars().anyMatch(c -> c >= '0' && c <= '9'), () -> text + " -> " + read);
      }
    }
  }
}
