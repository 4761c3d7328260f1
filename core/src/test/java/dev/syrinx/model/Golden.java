package dev.syrinx.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inputs and outputs of the official code, by references of the form {@code stage/tensor}; tolerances are those of the manifest. The files
 * are read without the engine's reader, so that a fault in that cannot hide one in the network.
 */
public final class Golden {
  private static final Logger LOG = LoggerFactory.getLogger(Golden.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path model;
  private final JsonNode stages;
  private final Map<String, Contents> files = new HashMap<>();

  /** A safetensors file: the description of its tensors, and their bytes. */
  private record Contents(JsonNode header, ByteBuffer data) {}

  /** The golden data of a reference model. */
  public Golden(String dataSet) throws IOException {
    model = TestData.folder(dataSet);
    stages = JSON.readTree(model.resolve("golden/manifest.json").toFile()).path("stages");
  }

  /** A file of the model. */
  public Path file(String name) {
    return model.resolve(name);
  }

  /** Elements of a tensor of floats, row-major. */
  public float[] floats(String reference) {
    ByteBuffer bytes = bytes(reference, "F32");
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /** Elements of a tensor of 64-bit integers that fit 32 bits. */
  public int[] ints(String reference) {
    ByteBuffer bytes = bytes(reference, "I64");
    int[] values = new int[bytes.remaining() / Long.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.toIntExact(bytes.getLong(bytes.position() + i * Long.BYTES));
    }
    return values;
  }

  /** A parameter of a stage. */
  public JsonNode param(String stage, String name) {
    JsonNode param = stages.path(stage).path("params").path(name);
    assertFalse(param.isMissingNode(), () -> "no parameter " + name + " of " + stage);
    return param;
  }

  /** One extent of a tensor; 0 of an axis that it has not. */
  public int dim(String reference, int axis) {
    return entry(reference).path("shape").path(axis).asInt();
  }

  /** Fails unless {@code actual}, in the layout of the golden tensor, is within the manifest's tolerance everywhere. */
  public void assertClose(String reference, float[] actual) {
    float[] expected = floats(reference);
    assertEquals(expected.length, actual.length, reference + ": number of elements");
    int worst = 0;
    for (int i = 0; i < actual.length; i++) {
      assertTrue(Float.isFinite(actual[i]), reference + "[" + i + "] is " + actual[i]);
      worst = Math.abs(actual[i] - expected[i]) > Math.abs(actual[worst] - expected[worst]) ? i : worst;
    }
    double error = Math.abs((double) actual[worst] - expected[worst]);
    double tolerance = tolerance(reference);
    LOG.info("{}: largest error {} of {}", reference, error, tolerance);
    assertTrue(error <= tolerance, "%s[%d] is %s instead of %s: off by %s, allowed %s"
        .formatted(reference, worst, actual[worst], expected[worst], error, tolerance));
  }

  /** Fails unless the integers are the golden ones. */
  public void assertSame(String reference, int[] actual) {
    assertArrayEquals(ints(reference), actual, reference);
  }

  /** Largest difference that a float32 implementation may have. */
  public double tolerance(String reference) {
    JsonNode tolerance = stages.path(stage(reference)).path("outputs").path(name(reference)).path("atol");
    assertTrue(tolerance.isNumber(), () -> "no tolerance for " + reference);
    return tolerance.asDouble();
  }

  /** {@code [rows][columns]} as {@code [columns][rows]}: time-major to the channel-major of some golden tensors. */
  public static float[] transposed(float[] x, int columns) {
    int rows = x.length / columns;
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i % columns * rows + i / columns] = x[i];
    }
    return y;
  }

  private static String stage(String reference) {
    return reference.substring(0, reference.indexOf('/'));
  }

  private static String name(String reference) {
    return reference.substring(reference.indexOf('/') + 1);
  }

  private ByteBuffer bytes(String reference, String type) {
    JsonNode entry = entry(reference);
    assertEquals(type, entry.path("dtype").asText(), reference);
    int from = entry.path("data_offsets").path(0).asInt();
    return contents(reference).data().slice(from, entry.path("data_offsets").path(1).asInt() - from).order(ByteOrder.LITTLE_ENDIAN);
  }

  private JsonNode entry(String reference) {
    JsonNode entry = contents(reference).header().path(name(reference));
    assertTrue(entry.isObject(), () -> "no golden tensor " + reference);
    return entry;
  }

  private Contents contents(String reference) {
    return files.computeIfAbsent(stages.path(stage(reference)).path("file").asText(), name -> read(model.resolve("golden").resolve(name)));
  }

  private static Contents read(Path path) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
      int length = Math.toIntExact(bytes.getLong(0));
      JsonNode header = JSON.readTree(new String(bytes.array(), Long.BYTES, length, StandardCharsets.UTF_8));
      return new Contents(header, bytes.slice(Long.BYTES + length, bytes.capacity() - Long.BYTES - length));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }
}
