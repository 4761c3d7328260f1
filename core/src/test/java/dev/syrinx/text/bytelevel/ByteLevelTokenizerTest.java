package dev.syrinx.text.bytelevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.text.CpuTime;
import dev.syrinx.text.Golden;
import dev.syrinx.text.TextModelException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same ids and texts as the native library gives; damaged files are refused. */
class ByteLevelTokenizerTest {
  private static final Path FILE = Golden.folder().resolve("qwen0.6bemo4-merge/tokenizer.json");
  private static final ByteLevelTokenizer TOKENIZER = ByteLevelTokenizer.read(FILE);

  private static int[] ints(JsonNode array) {
    return Golden.integers(array).stream().mapToInt(Integer::intValue).toArray();
  }

  @Test
  void everyRowOfTheNativeLibrary() throws IOException {
    ObjectMapper json = new ObjectMapper();
    int rows = 0;
    try (BufferedReader lines = new BufferedReader(
        new InputStreamReader(ByteLevelTokenizerTest.class.getResourceAsStream("native-rows.jsonl"), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode row = json.readTree(line);
        assertArrayEquals(ints(row.get("ids")), TOKENIZER.encode(row.get("text").asText()), line);
        assertEquals(row.get("decoded").asText(), TOKENIZER.decode(ints(row.get("random"))), line);
        rows++;
      }
    }
    assertEquals(150, rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", " ", "\n", "好", "1", "'", "<|", "e\u0301", "😀", "<think>"})
  void hugeTextsTakeLittleTime(String unit) {
    String text = unit.repeat(300_000 / unit.length());
    int[] ids = CpuTime.within(4, () -> TOKENIZER.encode(text));
    assertEquals(java.text.Normalizer.normalize(text, java.text.Normalizer.Form.NFC), TOKENIZER.decode(ids));
  }

  @Test
  void idsOutsideTheVocabularyHaveNoText() {
    assertEquals("", TOKENIZER.decode(new int[] {-1, Integer.MAX_VALUE, Integer.MIN_VALUE}));
    assertEquals(0, TOKENIZER.encode("").length);
    assertTrue(TOKENIZER.id("no such token").isEmpty());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', value = {
    "\"NFC\" ~ \"NFKD\" ~ /normalizer/type",
    "\"type\": \"BPE\" ~ \"type\": \"WordPiece\" ~ /model/type",
    "\"behavior\": \"Isolated\" ~ \"behavior\": \"Removed\" ~ behavior",
    "\\\\p{N}| ~ (\\\\p{N}+)+| ~ pattern",
    "\"byte_fallback\": false ~ \"byte_fallback\": true ~ byte_fallback",
    "\"post_processor\": null ~ \"post_processor\": {\"type\": \"TemplateProcessing\"} ~ /post_processor/type",
    "\"lstrip\": false ~ \"lstrip\": true ~ lstrip"})
  void otherKindsAreRefusedByName(String from, String to, String named) throws IOException {
    String json = Files.readString(FILE);
    assertTrue(json.contains(from), from);
    TextModelException e = assertThrows(TextModelException.class, () -> ByteLevelTokenizer.parse(json.replace(from, to), "tokenizer.json"));
    assertTrue(e.getMessage().startsWith("tokenizer.json: ") && e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void mutatedFiles() throws IOException {
    byte[] good = Files.readAllBytes(FILE);
    int refused = 0;
    for (int seed = 0; seed < 600; seed++) {
      Random random = new Random(seed);
      byte[] bad = good.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        int at = random.nextBoolean() ? random.nextInt(bad.length) : random.nextInt(2500);
        int kind = random.nextInt(3);
        bad[at] = (byte) (kind == 0 ? '0' + random.nextInt(10) : kind == 1 ? bad[random.nextInt(bad.length)] : random.nextInt(256));
      }
      try {
        ByteLevelTokenizer tokenizer = ByteLevelTokenizer.parse(new String(bad, StandardCharsets.UTF_8), "mutated.json");
        tokenizer.decode(tokenizer.encode("HELLO it's 123 \n 你好 😀 <|endoftext|>"));
      } catch (TextModelException e) {
        assertTrue(e.getMessage().startsWith("mutated.json: "), e.getMessage());
        refused++;
      }
    }
    assertTrue(refused > 100 && refused < 600, "refused " + refused);
  }
}
