package dev.syrinx.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A section of a configuration file. A key that is missing or of another type is reported with file, path and what was expected. */
final class ConfigNode {
  /** Above every dimension of a model of this kind, and small enough that products of two of them fit a long. */
  static final int LARGEST = 1 << 24;

  private static final long MAX_FILE = 4 << 20;
  private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
      .maxNestingDepth(32).maxStringLength(1 << 20).maxNumberLength(64).maxNameLength(1 << 10).build();
  private static final ObjectMapper JSON = new JsonMapper(JsonMapper.builder().build().getFactory().rebuild()
      .streamReadConstraints(LIMITS).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
  private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
      .streamReadConstraints(LIMITS).enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());

  private final Path file;
  private final String path;
  private final JsonNode node;

  private ConfigNode(Path file, String path, JsonNode node) {
    this.file = file;
    this.path = path;
    this.node = node;
  }

  static ConfigNode yaml(Path file) {
    return read(file, YAML, "YAML");
  }

  static ConfigNode json(Path file) {
    return read(file, JSON, "JSON");
  }

  private static ConfigNode read(Path file, ObjectMapper mapper, String language) {
    try {
      FileKind kind = FileKind.of(file);
      if (kind.mistake()) {
        throw new CheckpointException(file + ": expected " + language + ", found " + kind.description());
      }
      if (Files.size(file) > MAX_FILE) {
        throw new CheckpointException(file + ": larger than " + MAX_FILE + " bytes, so it is no configuration");
      }
      JsonNode root = mapper.readTree(Files.readAllBytes(file));
      if (root == null || !root.isObject()) {
        throw new CheckpointException(file + ": expected " + language + " with keys and values");
      }
      return new ConfigNode(file, "", root);
    } catch (CheckpointException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(file + ": no such file", e);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(file + ": is no valid " + language + where(e) + ": " + firstLine(e.getOriginalMessage()), e);
    } catch (IOException | RuntimeException e) {
      // The YAML parser reports some damage by unchecked exceptions of several families.
      throw new CheckpointException(file + ": cannot be read as " + language + ": " + firstLine(e.getMessage()), e);
    }
  }

  private static String where(JsonProcessingException e) {
    return e.getLocation() == null || e.getLocation().getLineNr() < 1 ? "" : " in line " + e.getLocation().getLineNr();
  }

  private static String firstLine(String message) {
    return PickleText.printable(String.valueOf(message).lines().findFirst().orElse(""));
  }

  boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** Whether the key is there, even if its value is null. */
  boolean names(String key) {
    return node.has(key);
  }

  ConfigNode section(String key) {
    JsonNode value = value(key, "a section");
    if (!value.isObject()) {
      throw wrong(key, "a section", value);
    }
    return new ConfigNode(file, path + key + ".", value);
  }

  /** A dimension, a number of things: at least 1. */
  int count(String key) {
    return integer(key, 1, LARGEST);
  }

  int integer(String key, int least, int most) {
    String expected = "an integer from " + least + " to " + most;
    return integer(key, value(key, expected), expected, least, most);
  }

  int integer(String key, int least, int most, int otherwise) {
    return has(key) ? integer(key, least, most) : otherwise;
  }

  List<Integer> counts(String key) {
    String expected = "a list of positive integers";
    List<Integer> values = new ArrayList<>();
    for (JsonNode item : list(key, expected)) {
      values.add(integer(key, item, expected, 1, LARGEST));
    }
    return List.copyOf(values);
  }

  List<List<Integer>> countLists(String key) {
    String expected = "a list of lists of positive integers";
    List<List<Integer>> values = new ArrayList<>();
    for (JsonNode row : list(key, expected)) {
      if (!row.isArray()) {
        throw wrong(key, expected, row);
      }
      List<Integer> counts = new ArrayList<>();
      row.forEach(item -> counts.add(integer(key, item, expected, 1, LARGEST)));
      values.add(List.copyOf(counts));
    }
    return List.copyOf(values);
  }

  /** Number of entries of a list whose values do not matter. */
  int length(String key) {
    return list(key, "a list").size();
  }

  double real(String key) {
    JsonNode value = value(key, "a number");
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(key, "a finite number", value);
    }
    return value.doubleValue();
  }

  double real(String key, double otherwise) {
    return has(key) ? real(key) : otherwise;
  }

  /** A number, or nothing where the file says null, the string "None" that Python's configurations have, or nothing. */
  Optional<Double> optionalReal(String key) {
    return !has(key) || "None".equals(node.get(key).textValue()) ? Optional.empty() : Optional.of(real(key));
  }

  boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    JsonNode value = node.get(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false", value);
    }
    return value.booleanValue();
  }

  String text(String key) {
    JsonNode value = value(key, "a text");
    if (!value.isTextual() || value.textValue().isBlank()) {
      throw wrong(key, "a text", value);
    }
    return value.textValue();
  }

  /** A scalar of any type as it is written. */
  Optional<String> optionalText(String key) {
    return has(key) && node.get(key).isValueNode() ? Optional.of(node.get(key).asText()) : Optional.empty();
  }

  /** A list of integers, which may be written as a single one. */
  List<Integer> integers(String key) {
    String expected = "an integer or a list of integers";
    JsonNode value = value(key, expected);
    List<Integer> values = new ArrayList<>();
    for (JsonNode item : value.isArray() ? value : List.of(value)) {
      values.add(integer(key, item, expected, 0, Integer.MAX_VALUE));
    }
    return List.copyOf(values);
  }

  /** Holds the file to what this program implements: if the key is there, it must have this value. */
  void only(String key, String supported) {
    optionalText(key).filter(value -> !value.equals(supported)).ifPresent(value -> {
      throw new CheckpointException(
          "%s: %s%s is '%s'; only '%s' is supported".formatted(file, path, key, PickleText.printable(value), supported));
    });
  }

  /** An error about values that contradict each other. */
  CheckpointException error(String problem) {
    String where = path.isEmpty() ? "" : path.substring(0, path.length() - 1) + ": ";
    return new CheckpointException(file + ": " + where + problem);
  }

  private int integer(String key, JsonNode value, String expected, int least, int most) {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < least || value.intValue() > most) {
      throw wrong(key, expected, value);
    }
    return value.intValue();
  }

  private JsonNode list(String key, String expected) {
    JsonNode value = value(key, expected);
    if (!value.isArray() || value.isEmpty()) {
      throw wrong(key, expected, value);
    }
    return value;
  }

  private JsonNode value(String key, String expected) {
    JsonNode value = node.get(key);
    if (value == null) {
      throw new CheckpointException("%s: %s%s is missing; expected %s".formatted(file, path, key, expected));
    }
    return value;
  }

  private CheckpointException wrong(String key, String expected, JsonNode found) {
    return new CheckpointException(
        "%s: %s%s should be %s, is %s".formatted(file, path, key, expected, PickleText.printable(found.toString())));
  }
}
