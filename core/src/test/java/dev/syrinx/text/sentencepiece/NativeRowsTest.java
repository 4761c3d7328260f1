package dev.syrinx.text.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.text.Golden;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The same pieces and ids as the native library gives, on random texts and four models. */
class NativeRowsTest {
  @Test
  void everyRow() throws IOException {
    Map<String, SentencePieceTokenizer> tokenizers = new HashMap<>();
    ObjectMapper json = new ObjectMapper();
    int rows = 0;
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(resource("native-rows.jsonl"), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode row = json.readTree(line);
        SentencePieceTokenizer tokenizer = tokenizers.computeIfAbsent(row.get("model").asText(), NativeRowsTest::load);
        assertEquals(Golden.strings(row.get("pieces")), tokenizer.pieces(row.get("text").asText()), line);
        assertEquals(Golden.integers(row.get("ids")), Golden.strings(row.get("pieces")).stream().map(tokenizer::id).toList(), line);
        rows++;
      }
    }
    assertEquals(4, tokenizers.size());
    assertEquals(638, rows);
  }

  private static SentencePieceTokenizer load(String model) {
    if (!model.startsWith("spelling")) {
      return SentencePieceTokenizer.read(Golden.folder().resolve(model));
    }
    try (InputStream in = resource(model)) {
      return SentencePieceTokenizer.parse(in.readAllBytes(), model);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream resource(String name) {
    return NativeRowsTest.class.getResourceAsStream(name);
  }
}
