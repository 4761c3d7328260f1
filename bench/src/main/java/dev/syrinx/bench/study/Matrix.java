package dev.syrinx.bench.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a study compares: questions, each with cells that differ in switches, and what they speak. Read from YAML; {@code bench/README.md} has its format.
 *
 * @param name of the file
 * @param seed of all that is drawn
 * @param texts said in turn by models that have a tokenizer
 * @param textTokens of an utterance of other models
 * @param rounds samples of each cell that each process takes
 * @param processes that measure it, one after the other
 * @param settings of every cell that says nothing else
 * @param questions in order of their importance: where time is short, the last ones go without
 */
public record Matrix(String name, long seed, List<String> texts, int textTokens, int rounds, int processes, Map<String, String> settings, List<Question> questions) {
  private static final Set<String> TOP = Set.of("about", "seed", "texts", "text-tokens", "rounds", "processes", "settings", "studies");
  private static final Set<String> OF_STUDY = Set.of("question", "scenarios", "baseline", "cells");

  /** Names of the matrices that come with the program. */
  public static final List<String> SHIPPED = List.of("quick", "report", "full");

  /**
   * One question.
   *
   * @param name of the study
   * @param question in words
   * @param baseline name of the cell that ratios are taken against
   * @param cells settings by name, in order
   */
  public record Question(String name, String question, List<Scenario> scenarios, String baseline, Map<String, Map<String, String>> cells) {}

  /** Copies. */
  public Matrix {
    texts = List.copyOf(texts);
    settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    questions = List.copyOf(questions);
  }

  /**
   * A matrix that comes with the program.
   *
   * @param name quick, report or full
   */
  public static Matrix shipped(String name) {
    try (InputStream in = Matrix.class.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new MatrixException("no matrix named '" + name + "' comes with the program; there are quick, report and full");
      }
      return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("the shipped matrix " + name + " cannot be read", e);
    }
  }

  /**
   * A matrix of a file.
   *
   * @throws MatrixException if it cannot be read, or is no matrix
   */
  public static Matrix read(Path file) {
    try {
      return parse(String.valueOf(file.getFileName()), Files.readString(file));
    } catch (IOException e) {
      throw new MatrixException("cannot read the matrix " + file + ": " + e, e);
    }
  }

  /**
   * A matrix from YAML.
   *
   * @throws MatrixException naming what is wrong
   */
  public static Matrix parse(String name, String yaml) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(yaml);
    } catch (JsonProcessingException e) {
      throw new MatrixException(name + " is no YAML: " + e.getOriginalMessage(), e);
    }
    known(name, root, TOP);
    List<String> texts = new ArrayList<>();
    root.path("texts").forEach(t -> texts.add(t.asText()));
    List<Question> questions = new ArrayList<>();
    root.path("studies").properties().forEach(e -> questions.add(question(name + ", study " + e.getKey(), e.getKey(), e.getValue())));
    if (questions.isEmpty() || texts.isEmpty()) {
      throw new MatrixException(name + " needs 'studies' and 'texts' that are not empty");
    }
    Map<String, String> settings = words(name + ", settings", root.path("settings"));
    return new Matrix(
        name, number(name, root, "seed", 1, 0), texts, number(name, root, "text-tokens", 50, 1), number(name, root, "rounds", 3, 1), number(name, root, "processes", 2, 1), settings, questions);
  }

  /**
   * The same with a question about kernels that the user brought: in each precision without them and with them, call by call of the GPT, because the resident decode kernel calls none.
   *
   * @param name of the kernels, in words
   */
  public Matrix withKernels(String name) {
    List<Question> all = new ArrayList<>();
    for (String precision : List.of("fp32", "fp16")) {
      Map<String, Map<String, String>> cells = new LinkedHashMap<>();
      Map<String, String> without = Map.of("preset", "full", "fusion", "off", "precision", precision);
      Map<String, String> with = new LinkedHashMap<>(without);
      with.put("own-kernels", "on");
      cells.put("this project's", without);
      cells.put(name, with);
      all.add(new Question("own kernel, " + precision, "what does a kernel of one's own change?", List.of(Scenario.ONE), "this project's", cells));
    }
    all.addAll(questions);
    return new Matrix(this.name, seed, texts, textTokens, rounds, processes, settings, all);
  }

  private static Question question(String where, String name, JsonNode node) {
    known(where, node, OF_STUDY);
    List<Scenario> scenarios = new ArrayList<>();
    node.path("scenarios").forEach(s -> scenarios.add(Scenario.of(s.asText(), where)));
    Map<String, Map<String, String>> cells = new LinkedHashMap<>();
    node.path("cells").properties().forEach(e -> cells.put(e.getKey(), words(where + ", cell " + e.getKey(), e.getValue())));
    String baseline = node.path("baseline").asText(cells.isEmpty() ? "" : cells.keySet().iterator().next());
    if (!cells.containsKey(baseline)) {
      throw new MatrixException(where + ": its baseline '" + baseline + "' is none of its cells " + cells.keySet());
    }
    return new Question(name, node.path("question").asText(""), scenarios.isEmpty() ? List.of(Scenario.ONE) : scenarios, baseline, Collections.unmodifiableMap(cells));
  }

  private static Map<String, String> words(String where, JsonNode node) {
    Map<String, String> words = new LinkedHashMap<>();
    node.properties().forEach(e -> words.put(e.getKey(), e.getValue().asText()));
    known(where, node, Setting.KEYS);
    return words;
  }

  private static int number(String where, JsonNode node, String key, int otherwise, int least) {
    JsonNode value = node.path(key);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.canConvertToInt() || value.intValue() < least) {
      throw new MatrixException(where + ": '" + key + "' must be a whole number of " + least + " or more, got " + value);
    }
    return value.intValue();
  }

  private static void known(String where, JsonNode node, Set<String> keys) {
    if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
      throw new MatrixException(where + " must be a table of names and values, got " + node);
    }
    node.fieldNames().forEachRemaining(key -> {
      if (!keys.contains(key)) {
        throw new MatrixException(where + ": '" + key + "' is none of " + new TreeSet<>(keys));
      }
    });
  }
}
