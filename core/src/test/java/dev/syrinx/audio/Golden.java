package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Stages of the golden data: inputs, expected outputs and their tolerances. */
final class Golden {
  static final Path FOLDER = TestData.folder(TestData.TINY_A).resolve("golden");

  private final JsonNode stage;
  private final JsonNode header;
  private final byte[] bytes;
  private final int data;

  private Golden(String name) throws IOException {
    ObjectMapper json = new ObjectMapper();
    stage = json.readTree(FOLDER.resolve("manifest.json").toFile()).path("stages").path(name);
    bytes = Files.readAllBytes(FOLDER.resolve(stage.path("file").asText()));
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    header = json.readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
    data = 8 + length;
  }

  static Golden stage(String name) throws IOException {
    return new Golden(name);
  }

  JsonNode params() {
    return stage.path("params");
  }

  double tolerance(String tensor) {
    JsonNode tolerance = stage.path("outputs").path(tensor).path("atol");
    assertTrue(tolerance.isNumber(), () -> "no tolerance for " + tensor);
    return tolerance.asDouble();
  }

  float[] floats(String tensor) {
    ByteBuffer raw = raw(tensor, "F32");
    float[] out = new float[raw.remaining() / Float.BYTES];
    raw.asFloatBuffer().get(out);
    return out;
  }

  long[] longs(String tensor) {
    ByteBuffer raw = raw(tensor, "I64");
    long[] out = new long[raw.remaining() / Long.BYTES];
    raw.asLongBuffer().get(out);
    return out;
  }

  int[] shape(String tensor) {
    JsonNode shape = header.path(tensor).path("shape");
    int[] out = new int[shape.size()];
    java.util.Arrays.setAll(out, i -> shape.get(i).asInt());
    return out;
  }

  private ByteBuffer raw(String tensor, String dtype) {
    JsonNode entry = header.path(tensor);
    assertEquals(dtype, entry.path("dtype").asText(), tensor);
    int from = entry.path("data_offsets").get(0).asInt();
    int to = entry.path("data_offsets").get(1).asInt();
    return ByteBuffer.wrap(bytes, data + from, to - from).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Every element within the stage's tolerance; says which one is not. */
  void assertMatches(String tensor, float[] actual) {
    float[] expected = floats(tensor);
    assertEquals(expected.length, actual.length, () -> tensor + ": number of values");
    double tolerance = tolerance(tensor);
    double worst = 0;
    int at = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      if (!(error <= worst)) {
        worst = error;
        at = i;
      }
    }
    int index = at;
    double error = worst;
    assertTrue(error <= tolerance, () -> "%s[%d]: %s, expected %s, off by %.3g, tolerance %.3g"
        .formatted(tensor, index, actual[index], expected[index], error, tolerance));
  }
}
