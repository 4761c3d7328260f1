package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.DType;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchArchiveTest {
  private static final Path MODEL = TestData.folder(TestData.TINY_A);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"torch-legacy.pt", "torch-deflated-protocol4.pt", "torch-zip64.pt"})
  void tensorsOfEveryKindAsPyTorchWroteThem(String resource) throws IOException {
    try (TorchArchive archive = TorchArchive.open(resource(resource))) {
      WeightSource part = archive.dictionary("net", "part");
      assertEquals(13, part.names().size());
      assertTensor(part, "plain", DType.F32, List.of(3, 4), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
      assertTensor(part, "alias", DType.F32, List.of(4), 4, 5, 6, 7);
      assertTensor(part, "transposed", DType.F32, List.of(4, 3), 0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
      assertTensor(part, "strided", DType.I32, List.of(2, 2, 2), 4, 6, 8, 10, 16, 18, 20, 22);
      assertTensor(part, "expanded", DType.F32, List.of(3, 2), 2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f);
      assertTensor(part, "half", DType.F16, List.of(3), 1.5f, -2, 65504);
      assertTensor(part, "bf16", DType.BF16, List.of(2), 1.5f, -3);
      assertTensor(part, "double", DType.F64, List.of(), 0.1f);
      assertTensor(part, "flags", DType.BOOL, List.of(3), 1, 0, 1);
      assertTensor(part, "bytes", DType.U8, List.of(2), 0, 200);
      assertTensor(part, "empty", DType.F32, List.of(0, 4));
      assertTensor(part, "parameter", DType.F32, List.of(1), 7);
      assertArrayEquals(new long[] {-5, 1L << 40}, part.tensor("long").toLongs());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"torch-legacy.pt", "torch-deflated-protocol4.pt", "torch-zip64.pt"})
  void valuesBesideTheTensors(String resource) throws IOException {
    try (TorchArchive archive = TorchArchive.open(resource(resource))) {
      TorchValue.Dictionary root = (TorchValue.Dictionary) archive.root();
      assertEquals(new TorchValue.Whole(7), root.get("epoch").orElseThrow());
      assertEquals(new TorchValue.Real(1e-4), root.get("lr").orElseThrow());
      assertEquals(new TorchValue.Truth(true), root.get("flag").orElseThrow());
      assertEquals(new TorchValue.Nothing(), root.get("none").orElseThrow());
      assertEquals(new TorchValue.Text("täst"), root.get("name").orElseThrow());
      assertEquals(new TorchValue.Global("torch.float16"), root.get("dtype").orElseThrow());
      assertEquals(new TorchValue.Opaque("integer of 9 bytes"), root.get("big").orElseThrow());
      TorchValue.Sequence list = (TorchValue.Sequence) root.get("list").orElseThrow();
      assertEquals(new TorchValue.Whole(1), list.items().get(0));
      assertEquals(2, ((TorchValue.Sequence) list.items().get(1)).items().size());
      assertTrue(root.keys().contains(7L));
    }
  }

  @Test
  void filesOfTheReferenceModelOpen() {
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("s2mel.pth"))) {
      WeightSource flow = archive.dictionary("net", "cfm");
      assertEquals(List.of(192, 64), flow.tensor("estimator.transformer.layers.0.attention.wqkv.weight").shape());
      assertEquals(DType.I64, flow.tensor("estimator.input_pos").dtype());
      WeightSource regulator = archive.dictionary("net", "length_regulator").withoutPrefix("module.");
      assertEquals(List.of(64, 48), regulator.tensor("content_in_proj.weight").shape());
      assertEquals(6, archive.dictionary("net", "gpt_layer").names().size());
    }
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("gpt.pth"))) {
      assertEquals(List.of(128, 384), archive.dictionaryOrRoot("model").tensor("gpt.h.0.attn.c_attn.weight").shape());
    }
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("hf_cache/campplus_cn_common.bin"))) {
      assertEquals(937, archive.dictionary().names().size());
    }
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("hf_cache/bigvgan/bigvgan_generator.pt"))) {
      assertEquals(783, archive.dictionary("generator").names().size());
    }
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("feat1.pt"))) {
      assertEquals(List.of(73, 24), archive.tensor().shape());
    }
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("wav2vec2bert_stats.pt"))) {
      assertEquals(List.of("mean", "var"), List.copyOf(archive.dictionary().names()));
    }
  }

  @Test
  void ownWriterMatchesTheReader() throws IOException {
    Map<String, ?> root = Map.of("model", Map.of("w", StoredTensor.ofFloats("w", new float[] {1, 2, 3, 4}, 2, 2)));
    for (byte[] bytes : List.of(TorchArchiveWriter.zip(root), TorchArchiveWriter.legacy(root))) {
      try (TorchArchive archive = TorchArchive.open(Files.write(folder.resolve("own.pt"), bytes))) {
        assertTensor(archive.dictionaryOrRoot("model"), "w", DType.F32, List.of(2, 2), 1, 2, 3, 4);
      }
    }
  }

  @Test
  void wrongNestingIsExplained() {
    try (TorchArchive archive = TorchArchive.open(MODEL.resolve("s2mel.pth"))) {
      String message = assertThrows(CheckpointException.class, () -> archive.dictionary("net", "vocoder")).getMessage();
      assertTrue(message.contains("s2mel.pth[net]: no 'vocoder' among its keys cfm, length_regulator, gpt_layer"), message);
      message = assertThrows(CheckpointException.class, () -> archive.dictionary("epoch")).getMessage();
      assertTrue(message.contains("'epoch' should be a dictionary"), message);
      assertThrows(CheckpointException.class, archive::tensor);
    }
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    for (String resource : List.of("torch-legacy.pt", "torch-deflated-protocol4.pt", "torch-zip64.pt")) {
      byte[] bytes = Files.readAllBytes(resource(resource));
      for (int length = 0; length < bytes.length; length += 7) {
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
        assertThrows(CheckpointException.class, () -> TorchArchive.open(cut), resource + " cut at " + length);
      }
    }
  }

  @Test
  void damagedElementsAreNoticed() throws IOException {
    byte[] bytes = TorchArchiveWriter.zip(Map.of("w", StoredTensor.ofFloats("w", new float[] {1.25f}, 1)));
    int at = indexOf(bytes, new byte[] {0, 0, (byte) 0xa0, 0x3f});
    bytes[at] ^= 1;
    try (TorchArchive archive = TorchArchive.open(Files.write(folder.resolve("flipped.pt"), bytes))) {
      String message = assertThrows(CheckpointException.class, () -> archive.dictionary().tensor("w")).getMessage();
      assertTrue(message.contains("flipped.pt: tensor 'w'") && message.contains("checksum"), message);
    }
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  private static void assertTensor(WeightSource source, String name, DType dtype, List<Integer> shape, float... values) {
    StoredTensor tensor = source.tensor(name);
    assertEquals(dtype, tensor.dtype(), name);
    assertEquals(shape, tensor.shape(), name);
    assertArrayEquals(values, tensor.toFloats(), name);
  }

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = TorchArchiveTest.class.getResourceAsStream(name)) {
      return Files.write(file, in.readAllBytes());
    }
  }
}
