package dev.syrinx.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The golden data of the reference model, as JSON. */
public final class Golden {
  private Golden() {}

  public static Path folder() {
    return TestData.folder(TestData.TINY_A);
  }

  public static JsonNode json(String file) {
    try {
      return new ObjectMapper().readTree(folder().resolve("golden").resolve(file).toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static List<JsonNode> list(JsonNode array) {
    List<JsonNode> nodes = new ArrayList<>();
    array.forEach(nodes::add);
    return nodes;
  }

  public static List<String> strings(JsonNode array) {
    return list(array).stream().map(JsonNode::asText).toList();
  }

  public static List<Integer> integers(JsonNode array) {
    return list(array).stream().map(JsonNode::asInt).toList();
  }
}
