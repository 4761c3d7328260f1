package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.testdata.TestData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TensorTableTest {
  private static final WeightSource SOURCE = source(
      StoredTensor.ofFloats("in.weight", new float[6], 2, 3),
      StoredTensor.ofFloats("in.bias", new float[2], 2),
      StoredTensor.ofFloats("blocks.0.weight", new float[4], 4),
      StoredTensor.ofFloats("blocks.1.weight", new float[4], 4));

  @Test
  void usedAndIgnoredTensorsSatisfy() {
    TensorTable table = new TensorTable(SOURCE, "Net");
    table.tensor("in.weight", 2, 3);
    assertTrue(table.optional("in.bias", -1).isPresent());
    assertFalse(table.optional("out.bias", -1).isPresent());
    TensorTable blocks = table.under("blocks");
    assertEquals(List.of("0.weight", "1.weight"), List.copyOf(blocks.names()));
    blocks.under("0").tensor("weight", 4);
    blocks.ignore("1\\..*");
    table.finish();
  }

  @Test
  void surplusTensorsAreNamed() {
    TensorTable table = new TensorTable(SOURCE, "Net");
    table.tensor("in.weight", -1, 3);
    table.under("blocks").ignore("[0-9]");
    String message = assertThrows(CheckpointException.class, table::finish).getMessage();
    assertTrue(message.startsWith("Net: "), message);
    assertTrue(message.contains("3 tensors not known to this program: in.bias, blocks.0.weight, blocks.1.weight"), message);
  }

  @Test
  void missingTensorsAreNamedAtOnceAndAtTheEnd() {
    TensorTable table = new TensorTable(SOURCE, "Net");
    table.ignore(".*");
    String message = assertThrows(CheckpointException.class, () -> table.under("in").tensor("wait", 2, 3)).getMessage();
    assertTrue(message.startsWith("Net: memory: no tensor 'in.wait' among its 4; it has in.weight"), message);
    message = assertThrows(CheckpointException.class, table::finish).getMessage();
    assertTrue(message.contains("1 tensor missing: in.wait"), message);
  }

  @Test
  void shapesAreHeldAgainstTheModel() {
    TensorTable table = new TensorTable(SOURCE, "Net");
    table.ignore(".*");
    for (int[] wrong : List.of(new int[] {3, 2}, new int[] {2, 3, 1}, new int[] {6}, new int[0])) {
      String message = assertThrows(CheckpointException.class, () -> table.tensor("in.weight", wrong)).getMessage();
      assertTrue(message.contains("'in.weight' should be " + Shapes.describe(wrong) + ", is F32 [2, 3] in memory"), message);
    }
    assertThrows(CheckpointException.class, () -> table.optional("in.bias", 3));
    assertTrue(assertThrows(CheckpointException.class, table::finish).getMessage().contains("5 tensors of another shape"));
  }

  @Test
  void weightNormIsFoldedInAllItsForms() {
    float[] v = {3, 4, 0, 5, 12, 0};
    float[] g = {10, -13};
    float[] folded = {6, 8, 0, -5, -12, 0};
    String modern = "c.parametrizations.weight.original";
    for (List<String> names : List.of(List.of("c.weight_g", "c.weight_v"), List.of(modern + "0", modern + "1"))) {
      StoredTensor length = StoredTensor.ofFloats(names.get(0), g, 2, 1, 1);
      TensorTable table = new TensorTable(source(length, StoredTensor.ofFloats(names.get(1), v, 2, 3, 1)), "Net");
      StoredTensor weight = table.weightNormed("c", 2, -1, 1);
      assertArrayEquals(folded, weight.toFloats(), 1e-6f);
      assertEquals(List.of(2, 3, 1), weight.shape());
      assertEquals("c.weight", weight.name());
      table.finish();
    }
    TensorTable plain = new TensorTable(source(StoredTensor.ofFloats("c.weight", folded, 2, 3)), "Net");
    assertArrayEquals(folded, plain.weightNormed("c", 2, 3).toFloats());
    plain.finish();
    String message = assertThrows(CheckpointException.class, () -> plain.weightNormed("d", 2, 3)).getMessage();
    assertTrue(message.contains("'d.weight'"), message);
  }

  @Test
  void weightNormRefusesWhatCannotBeFolded() {
    StoredTensor v = StoredTensor.ofFloats("c.weight_v", new float[] {1, 1, 0, 0}, 2, 2);
    TensorTable zero = new TensorTable(source(StoredTensor.ofFloats("c.weight_g", new float[] {1, 1}, 2, 1), v), "Net");
    String message = assertThrows(CheckpointException.class, () -> zero.weightNormed("c", 2, 2)).getMessage();
    assertTrue(message.contains("memory: tensor 'c.weight_v': row 1 is zero"), message);
    TensorTable wrong = new TensorTable(source(StoredTensor.ofFloats("c.weight_g", new float[] {1, 1}, 1, 2), v), "Net");
    message = assertThrows(CheckpointException.class, () -> wrong.weightNormed("c", 2, 2)).getMessage();
    assertTrue(message.contains("'c.weight_g' should be [2, 1]"), message);
  }

  /** ConvTranspose1d keeps its input channels first: the norm runs over output channels and taps. */
  @Test
  void transposedConvolutionsOfTheReferenceVocoderFold() {
    try (TorchArchive archive = TorchArchive.open(TestData.folder(TestData.TINY_A).resolve("hf_cache/bigvgan/bigvgan_generator.pt"))) {
      TensorTable up = new TensorTable(archive.dictionary("generator"), "BigVGAN").under("ups.0.0");
      float[] g = up.tensor("weight_g", 96, 1, 1).toFloats();
      float[] weight = up.weightNormed("", 96, 48, 8).toFloats();
      for (int channel : new int[] {0, 17, 95}) {
        double sum = 0;
        for (int i = 0; i < 48 * 8; i++) {
          sum += Math.pow(weight[channel * 48 * 8 + i], 2);
        }
        assertEquals(Math.abs(g[channel]), Math.sqrt(sum), 1e-5);
      }
    }
  }

  @Test
  void prefixesOfDistributedTrainingComeOff() {
    WeightSource mixed = source(StoredTensor.ofFloats("module.a", new float[] {1}, 1), StoredTensor.ofFloats("b", new float[] {2}, 1));
    WeightSource stripped = mixed.withoutPrefix("module.");
    assertEquals(Set.of("a", "b"), stripped.names());
    assertEquals("a", stripped.tensor("a").name());
    WeightSource twice = source(StoredTensor.ofFloats("module.a", new float[] {1}, 1), StoredTensor.ofFloats("a", new float[] {2}, 1));
    assertThrows(CheckpointException.class, () -> twice.withoutPrefix("module."));
  }

  private static WeightSource source(StoredTensor... tensors) {
    Map<String, StoredTensor> named = new LinkedHashMap<>();
    for (StoredTensor tensor : tensors) {
      named.put(tensor.name(), tensor);
    }
    return new WeightSource() {
      @Override
      public String origin() {
        return "memory";
      }

      @Override
      public Set<String> names() {
        return named.keySet();
      }

      @Override
      public StoredTensor tensor(String name) {
        return named.get(name);
      }
    };
  }
}
