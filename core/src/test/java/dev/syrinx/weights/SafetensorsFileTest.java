package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.DType;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {
  private static final String OK = "{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

  @TempDir Path folder;

  @Test
  void writtenTensorsComeBack() throws IOException {
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(file, List.of(
        StoredTensor.ofFloats("x", new float[] {1, -2, 3.5f, 4, 5, 6}, 2, 3),
        StoredTensor.ofLongs("n", new long[] {7, -8}, 2),
        StoredTensor.ofFloats("scalar", new float[] {9}),
        StoredTensor.ofFloats("none", new float[0], 0, 4)), Map.of("made by", "a test"));
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertEquals(List.of("x", "n", "scalar", "none"), List.copyOf(read.names()));
      assertEquals(Map.of("made by", "a test"), read.metadata());
      assertEquals(List.of(2, 3), read.tensor("x").shape());
      assertArrayEquals(new float[] {1, -2, 3.5f, 4, 5, 6}, read.tensor("x").toFloats());
      assertArrayEquals(new long[] {7, -8}, read.tensor("n").toLongs());
      assertEquals(List.of(), read.tensor("scalar").shape());
      assertEquals(0, read.tensor("none").elements());
      assertThrows(CheckpointException.class, () -> read.tensor("x").toLongs());
    }
  }

  @Test
  void writingLeavesTheWholeFileOrNothing() throws IOException {
    Path file = folder.resolve("voice.safetensors");
    StoredTensor tensor = StoredTensor.ofFloats("x", new float[] {1}, 1);
    SafetensorsWriter.write(file, List.of(tensor), Map.of("b", "2", "a", "1"));
    byte[] first = Files.readAllBytes(file);
    SafetensorsWriter.write(file, List.of(tensor), Map.of("a", "1", "b", "2"));
    assertArrayEquals(first, Files.readAllBytes(file));
    assertThrows(IllegalArgumentException.class, () -> SafetensorsWriter.write(file, List.of(tensor, tensor)));
    assertThrows(IOException.class, () -> SafetensorsWriter.write(folder.resolve("nowhere/voice.safetensors"), List.of(tensor)));
    Path occupied = Files.createDirectories(folder.resolve("occupied/inner")).getParent();
    assertThrows(IOException.class, () -> SafetensorsWriter.write(occupied, List.of(tensor)));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of("occupied", "voice.safetensors"), left.map(path -> path.getFileName().toString()).sorted().toList());
    }
    assertArrayEquals(first, Files.readAllBytes(file));
  }

  @Test
  void filesOfTheReferenceModelOpen() {
    Path model = TestData.folder(TestData.TINY_A);
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve("hf_cache/w2v-bert-2.0/model.safetensors"))) {
      assertEquals(List.of(48, 160), file.tensor("feature_projection.projection.weight").shape());
      assertEquals(List.of(73, 16), file.tensor("encoder.layers.17.self_attn.distance_embedding.weight").shape());
    }
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve("qwen0.6bemo4-merge/model.safetensors"))) {
      assertEquals(DType.BF16, file.tensor("model.norm.weight").dtype());
      assertEquals(64, file.tensor("model.norm.weight").toFloats().length);
    }
  }

  @Test
  void missingTensorIsNamedWithItsNeighbours() {
    Path model = TestData.folder(TestData.TINY_A);
    try (SafetensorsFile file = SafetensorsFile.open(model.resolve("hf_cache/w2v-bert-2.0/model.safetensors"))) {
      CheckpointException e = assertThrows(CheckpointException.class, () -> file.tensor("feature_projection.projection.wait"));
      assertTrue(e.getMessage().contains("'feature_projection.projection.wait'"), e.getMessage());
      assertTrue(e.getMessage().contains("feature_projection.projection.weight"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
      "{'a':{'dtype':'F32','shape':[-1,-2],'data_offsets':[0,8]}}                       | impossible shape [-1, -2]",
      "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}}       | impossible shape",
      "{'a':{'dtype':'F32','shape':[2147483647,2147483647,4],'data_offsets':[0,8]}}     | impossible shape",
      "{'a':{'dtype':'F32','shape':[0,2147483647,2147483647,4],'data_offsets':[0,0]}}   | impossible shape",
      "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}                           | needs 12 bytes",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}                           | impossible data offsets [8, 0]",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}                          | impossible data offsets",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}                             | two data_offsets",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,9]}}                         | more than 2",
      "{'a':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}}                           | element type 'F33'",
      "{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}                         | no integer",
      "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}                         | no integer",
      "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,99999999999999999999999]}}     | not valid JSON",
      "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}                          | only 8",
      "{'a':OK,'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}                    | overlaps",
      "{'a':OK,'a':OK}                                                                  | Duplicate",
      "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}                           | 4 bytes at the end",
      "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}                           | 4 bytes before 'a'",
      "{'a':[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}                                           | 'a' is no JSON object",
      "{'a':{'shape':[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}                                  | no integer",
      "{'__metadata__':{'a':1},'a':OK}                                                  | no string",
      "{'a':OK}{}                                                                       | goes on after its end",
      "{'a':OK                                                                          | not valid JSON",
      "[]                                                                               | no JSON object",
  })
  void contradictoryHeadersAreRefused(String json, String complaint) throws IOException {
    Path file = file(json.replace("OK", OK).replace('\'', '"'));
    CheckpointException e = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file));
    assertTrue(e.getMessage().contains(complaint), e.getMessage());
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"1152921504606846976", "9223372036854775807", "-1", "-9223372036854775808", "0", "1", "4294967296"})
  void impossibleHeaderLengthsAreRefused(long length) throws IOException {
    Path file = file("{\"a\":" + OK.replace('\'', '"') + "}", length);
    CheckpointException e = assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file));
    assertTrue(e.getMessage().contains("header"), e.getMessage());
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    Path whole = file("{\"a\":" + OK.replace('\'', '"') + "}");
    byte[] bytes = Files.readAllBytes(whole);
    SafetensorsFile.open(whole).close();
    for (int length = 0; length < bytes.length; length++) {
      Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
      assertThrows(CheckpointException.class, () -> SafetensorsFile.open(cut), "length " + length);
    }
  }

  @Test
  void unsupportedElementsHurtOnlyWhenAskedFor() throws IOException {
    Path file = file("{\"a\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[0,8]}}");
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertTrue(read.has("a"));
      CheckpointException e = assertThrows(CheckpointException.class, () -> read.tensor("a"));
      assertTrue(e.getMessage().contains("U64"), e.getMessage());
    }
  }

  private Path file(String json) throws IOException {
    return file(json, json.getBytes(StandardCharsets.UTF_8).length);
  }

  private Path file(String json, long claimedLength) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(claimedLength).put(header);
    return Files.write(folder.resolve("hand.safetensors"), bytes.array());
  }
}
