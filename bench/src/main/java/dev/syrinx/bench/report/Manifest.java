package dev.syrinx.bench.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an utterance was made from, so that it can be made again: by hashes, never by content.
 *
 * @param arguments of {@code syrinx speak}, without those that say where results go
 * @param items everything the bytes may depend on, by name
 * @param output what was made: counts and hashes, by name
 */
@JsonPropertyOrder("schema")
public record Manifest(List<String> arguments, Map<String, String> items, Map<String, String> output) {
  /** Name and version of this schema. */
  public static final String SCHEMA = "syrinx.manifest/1";

  /** Name of the output that decides: SHA-256 of the 16-bit samples. */
  public static final String SAMPLES = "samples";

  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Copies. */
  public Manifest {
    arguments = List.copyOf(arguments);
    items = Collections.unmodifiableMap(new LinkedHashMap<>(items));
    output = Collections.unmodifiableMap(new LinkedHashMap<>(output));
  }

  /** A thing that two manifests have otherwise; empty values are things that one lacks. */
  public record Difference(String name, String was, String is) {}

  /** Name and version of the schema, as written. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public String schema() {
    return SCHEMA;
  }

  /** Items that differ, in the order of this manifest. */
  public List<Difference> items(Manifest other) {
    return differences(items, other.items);
  }

  /** Outputs that differ. */
  public List<Difference> outputs(Manifest other) {
    return differences(output, other.output);
  }

  private static List<Difference> differences(Map<String, String> first, Map<String, String> second) {
    Set<String> names = new LinkedHashSet<>(first.keySet());
    names.addAll(second.keySet());
    List<Difference> found = new ArrayList<>();
    for (String name : names) {
      String was = first.getOrDefault(name, "");
      String is = second.getOrDefault(name, "");
      if (!was.equals(is)) {
        found.add(new Difference(name, was, is));
      }
    }
    return found;
  }

  /** As indented JSON. */
  public String json() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a manifest of texts is always JSON", e);
    }
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is no manifest of this schema
   */
  public static Manifest parse(String json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (!node.path("schema").asText().equals(SCHEMA)) {
        throw new IllegalArgumentException("schema '" + node.path("schema").asText() + "', and this program reads " + SCHEMA);
      }
      List<String> arguments = new ArrayList<>();
      node.path("arguments").forEach(a -> arguments.add(a.asText()));
      Manifest made = new Manifest(arguments, texts(node.path("items")), texts(node.path("output")));
      if (!made.output.containsKey(SAMPLES)) {
        throw new IllegalArgumentException("its output has no '" + SAMPLES + "'");
      }
      return made;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, String> texts(JsonNode node) {
    Map<String, String> texts = new LinkedHashMap<>();
    node.properties().forEach(f -> texts.put(f.getKey(), f.getValue().asText()));
    return texts;
  }
}
