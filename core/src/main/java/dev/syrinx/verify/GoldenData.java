package dev.syrinx.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.SafetensorsFile;
import dev.syrinx.weights.StoredTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Inputs and outputs of the official code: {@code manifest.json} and safetensors files. Tensors are named {@code stage/tensor}. */
public final class GoldenData implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final JsonNode stages;
  private final Map<String, SafetensorsFile> files = new HashMap<>();

  /**
   * Opens a folder of golden data.
   *
   * @throws CheckpointException if it has no readable manifest
   */
  public GoldenData(Path folder) {
    this.folder = folder;
    this.stages = json("manifest.json").path("stages");
    if (!stages.isObject()) {
      throw new CheckpointException(folder.resolve("manifest.json") + " names no stages; is this a folder of golden data?");
    }
  }

  /** Stages of the manifest, in its order. */
  List<String> stages() {
    List<String> names = new ArrayList<>();
    stages.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Outputs that a stage is held to. */
  List<String> outputs(String stage) {
    List<String> names = new ArrayList<>();
    stages.path(stage).path("outputs").fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Largest difference allowed; 0 for equality. */
  double tolerance(String stage, String output) {
    return stages.path(stage).path("outputs").path(output).path("atol").asDouble(0);
  }

  JsonNode params(String stage) {
    return stages.path(stage).path("params");
  }

  boolean has(String reference) {
    return file(stage(reference)).has(name(reference));
  }

  StoredTensor tensor(String reference) {
    return file(stage(reference)).tensor(name(reference));
  }

  float[] floats(String reference) {
    return tensor(reference).toFloats();
  }

  int[] ints(String reference) {
    long[] values = tensor(reference).toLongs();
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = Math.toIntExact(values[i]);
    }
    return ints;
  }

  /** Extent of an axis; negative axes count from the last. */
  int dim(String reference, int axis) {
    return tensor(reference).dim(axis);
  }

  /** A file beside the manifest. */
  Path path(String name) {
    return folder.resolve(name);
  }

  boolean hasFile(String name) {
    return Files.isRegularFile(folder.resolve(name));
  }

  JsonNode json(String name) {
    try {
      return JSON.readTree(folder.resolve(name).toFile());
    } catch (IOException e) {
      throw new CheckpointException("cannot read golden data " + folder.resolve(name) + ": " + e.getMessage(), e);
    }
  }

  private SafetensorsFile file(String stage) {
    String name = stages.path(stage).path("file").asText();
    if (name.isEmpty()) {
      throw new CheckpointException("golden data has no stage '" + stage + "'");
    }
    return files.computeIfAbsent(name, n -> SafetensorsFile.open(folder.resolve(n)));
  }

  private static String stage(String reference) {
    return reference.substring(0, reference.indexOf('/'));
  }

  private static String name(String reference) {
    return reference.substring(reference.indexOf('/') + 1);
  }

  @Override
  public void close() {
    files.values().forEach(SafetensorsFile::close);
  }
}
