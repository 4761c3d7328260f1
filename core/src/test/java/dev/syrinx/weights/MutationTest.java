package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged files by the thousand, made from small good ones: each loads or ends in a {@link CheckpointException}, soon and cheaply. */
@Timeout(180)
class MutationTest {
  /** Case i of a target has the seed BASE_SEED + i: a failure names it, and {@link #damaged} gives its bytes again. */
  private static final long BASE_SEED = 20_260_501L;

  private static final int CASES = 1300;
  private static final long MOST_HEAP = 64L << 20;
  private static final long MOST_NANOS = 5_000_000_000L;
  private static final Path MODEL = TestData.folder(TestData.TINY_A);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;

  @Test
  void safetensors() throws IOException {
    mutate("safetensors", goodSafetensors(), UnaryOperator.identity(), MutationTest::readSafetensors);
  }

  @Test
  void zipArchive() throws IOException {
    mutate("zip", TorchArchiveWriter.zip(small()), UnaryOperator.identity(), MutationTest::readArchive);
  }

  @Test
  void deflatedZipArchive() throws IOException {
    mutate("deflated", resource("torch-deflated-protocol4.pt"), UnaryOperator.identity(), MutationTest::readArchive);
  }

  /** Damage below the checksum, which would otherwise catch nearly all of it. */
  @Test
  void pickleInAnIntactArchive() throws IOException {
    byte[] pickle = new PickleWriter().tensor("FloatStorage", "0", 64, 4, new long[] {5, 6}, new long[] {6, 1}).stop();
    mutate("pickle", pickle, damaged -> TorchArchiveWriter.zip(damaged, new byte[256]), MutationTest::readArchive);
  }

  @Test
  void legacyArchive() throws IOException {
    mutate("legacy", TorchArchiveWriter.legacy(small()), UnaryOperator.identity(), MutationTest::readArchive);
  }

  @Test
  void legacyArchiveOfPyTorch() throws IOException {
    mutate("legacy of PyTorch", resource("torch-legacy.pt"), UnaryOperator.identity(), MutationTest::readArchive);
  }

  @Test
  void modelConfiguration() throws IOException {
    mutate("config.yaml", Files.readAllBytes(MODEL.resolve("config.yaml")), UnaryOperator.identity(), ModelConfig::read);
  }

  @Test
  void vocoderConfiguration() throws IOException {
    mutate("BigVGAN", Files.readAllBytes(MODEL.resolve("hf_cache/bigvgan/config.json")), UnaryOperator.identity(), BigVganConfig::read);
  }

  private void mutate(String target, byte[] good, UnaryOperator<byte[]> wrap, Consumer<Path> reader) throws IOException {
    Path file = folder.resolve("case");
    reader.accept(Files.write(file, wrap.apply(good)));
    List<byte[]> donors = List.of(goodSafetensors(), TorchArchiveWriter.zip(small()), resource("torch-legacy.pt"));
    for (int i = 0; i < CASES; i++) {
      Files.delete(file); // overwriting would make some file systems wait for the disk each time
      Files.write(file, wrap.apply(damaged(good, donors, i)));
      String name = "%s, case %d of base seed %d".formatted(target, i, BASE_SEED);
      long heap = THREADS.getCurrentThreadAllocatedBytes();
      long start = THREADS.getCurrentThreadCpuTime();
      attempt(name, reader, file);
      long nanos = THREADS.getCurrentThreadCpuTime() - start;
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - heap;
      assertTrue(nanos < MOST_NANOS, () -> "%s took %d ms".formatted(name, nanos / 1_000_000));
      assertTrue(allocated < MOST_HEAP, () -> "%s allocated %d bytes".formatted(name, allocated));
    }
  }

  private static byte[] damaged(byte[] good, List<byte[]> donors, int index) {
    return new Mutator(BASE_SEED + index, donors).damage(good);
  }

  /** Any other exception, or error, fails the test and must not lose the name of the case. */
  private static void attempt(String name, Consumer<Path> reader, Path file) {
    try {
      reader.accept(file);
    } catch (CheckpointException e) {
      assertTrue(e.getMessage().contains(file.toString()), () -> name + ": the message does not name the file: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      throw new AssertionError(name + " ended in " + e, e);
    }
  }

  private static void readSafetensors(Path path) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      readAll(file);
    }
  }

  private static void readArchive(Path path) {
    try (TorchArchive archive = TorchArchive.open(path)) {
      readDictionaries(archive, archive.root(), List.of());
      if (archive.root() instanceof TorchValue.Tensor) {
        archive.tensor().toFloats();
      }
    }
  }

  private static void readDictionaries(TorchArchive archive, TorchValue value, List<String> path) {
    if (value instanceof TorchValue.Dictionary dictionary && path.size() < 3) {
      readAll(archive.dictionary(path.toArray(String[]::new)));
      for (Object key : dictionary.keys()) {
        if (key instanceof String name) {
          List<String> deeper = Stream.concat(path.stream(), Stream.of(name)).toList();
          readDictionaries(archive, dictionary.get(name).orElseThrow(), deeper);
        }
      }
    }
  }

  private static void readAll(WeightSource source) {
    TensorTable table = new TensorTable(source.withoutPrefix("module."), "Net");
    for (String name : table.names()) {
      if (name.endsWith(".weight_v")) {
        table.weightNormed(name.substring(0, name.length() - ".weight_v".length()), -1, -1);
      } else {
        source.tensor(name).toFloats();
      }
    }
    table.ignore(".*");
    table.finish();
  }

  private static Map<String, ?> small() {
    Map<String, StoredTensor> net = new LinkedHashMap<>();
    net.put("c.weight_g", StoredTensor.ofFloats("g", new float[] {1, 2}, 2, 1));
    net.put("c.weight_v", StoredTensor.ofFloats("v", new float[] {1, 2, 3, 4}, 2, 2));
    net.put("steps", StoredTensor.ofLongs("n", new long[] {3}, 1));
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("net", net);
    root.put("epoch", 5);
    root.put("note", "made up");
    return root;
  }

  private byte[] goodSafetensors() throws IOException {
    Path file = folder.resolve("good.safetensors");
    SafetensorsWriter.write(file, List.of(
        StoredTensor.ofFloats("c.weight_g", new float[] {1, 2}, 2, 1),
        StoredTensor.ofFloats("c.weight_v", new float[] {1, 2, 3, 4}, 2, 2),
        StoredTensor.ofLongs("n", new long[] {3}, 1)), Map.of("format", "pt"));
    return Files.readAllBytes(file);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = MutationTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
