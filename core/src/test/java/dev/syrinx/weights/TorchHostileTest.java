package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that mean harm: each is refused with its reason, or does none. */
@Timeout(60)
class TorchHostileTest {
  private static final long[] NONE = {};

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"os, system", "posix, system", "builtins, eval", "__builtin__, exec", "subprocess, Popen", "torch.storage, _load_from_bytes",
      "torch, load", "numpy, load", "torch, EvilStorage", "torch.cuda, Storage", "copyreg, _reconstructor",
      "torch.nn.modules.linear, Linear"})
  void namesThatCouldRunCodeAreRefusedByName(String module, String name) throws IOException {
    byte[] classic = new PickleWriter().global(module, name).raw('(').text("echo harm").raw('t', 'R').stop();
    assertRefused(TorchArchiveWriter.zip(classic, new byte[4]), "'" + module + "." + name + "'");
    byte[] stacked = new PickleWriter().text(module).text(name).raw(0x93).text("echo harm").raw(0x85, 'R').stop();
    assertRefused(TorchArchiveWriter.zip(stacked, new byte[4]), "'" + module + "." + name + "'");
    byte[] head = TorchArchiveWriter.legacyHead();
    byte[] legacy = ByteBuffer.allocate(head.length + classic.length).put(head).put(classic).array();
    assertRefused(legacy, "'" + module + "." + name + "'");
  }

  @ParameterizedTest
  @CsvSource({"i", "o", "P", "0x82", "0x92", "0x97", "0x98"})
  void instructionsThatMakeObjectsAreRefused(String code) throws IOException {
    int value = code.startsWith("0x") ? Integer.decode(code) : code.charAt(0);
    assertRefused(TorchArchiveWriter.zip(new PickleWriter().raw('(', value, 1, 1, 1, 1).stop(), new byte[4]), "instruction");
  }

  static Stream<Object[]> tensorsOutOfBounds() {
    long big = 1L << 62;
    return Stream.of(
        tensor(4, 0, dims(5), dims(1), "reaches outside"),
        tensor(4, 1, dims(4), dims(1), "reaches outside"),
        tensor(4, -1, dims(2), dims(1), "reaches outside"),
        tensor(4, 0, dims(2), dims(4), "reaches outside"),
        tensor(4, 0, dims(2), dims(-1), "negative stride"),
        tensor(4, 0, dims(-2), dims(1), "extent -2"),
        tensor(4, 0, dims(big), dims(1), "extent " + big),
        tensor(4, big, dims(2), dims(big), "impossible"),
        tensor(4, 0, dims(3), dims(big), "impossible"),
        tensor(4, 0, dims(Integer.MAX_VALUE, Integer.MAX_VALUE, 8), dims(0, 0, 0), "impossible"),
        tensor(4, 0, dims(1 << 16, 1 << 16), dims(0, 0), "more elements than are stored"),
        tensor(4, 0, dims(2, 2), dims(1), "2 extents and 1 strides"),
        tensor(4, 0, new long[20], new long[20], "20 extents"),
        tensor(5, 0, dims(5), dims(1), "only 16 bytes"),
        tensor(-1, 0, dims(1), dims(1), "claims -1"),
        tensor(big, 0, dims(1), dims(1), "claims " + big),
        tensor(1L << 60, 0, dims(1), dims(1), "only 16 bytes"));
  }

  @ParameterizedTest
  @MethodSource
  void tensorsOutOfBounds(long stored, long offset, long[] shape, long[] strides, String complaint) throws IOException {
    byte[] pickle = new PickleWriter().tensor("FloatStorage", "0", stored, offset, shape, strides).stop();
    assertRefused(TorchArchiveWriter.zip(pickle, new byte[16]), complaint);
  }

  @Test
  void storagesThatAreNotThereAreNamed() throws IOException {
    byte[] pickle = new PickleWriter().tensor("FloatStorage", "../../etc/passwd", 4, 0, dims(4), dims(1)).stop();
    assertRefused(TorchArchiveWriter.zip(pickle, new byte[16]), "storage '../../etc/passwd'");
  }

  @Test
  void containersMayContainThemselves() throws IOException {
    byte[] pickle = new PickleWriter().raw('}', 'q', 0).text("self").raw('h', 0, 's', ']', 'q', 1, 'h', 1, 'a', '0').stop();
    try (TorchArchive archive = TorchArchive.open(Files.write(folder.resolve("self.pt"), TorchArchiveWriter.zip(pickle, new byte[0])))) {
      TorchValue.Dictionary root = (TorchValue.Dictionary) archive.root();
      assertEquals(root, root.get("self").orElseThrow());
      assertEquals(0, archive.dictionary("self", "self", "self").names().size());
      assertEquals("dictionary of 1", root.toString());
      assertTrue(root.hashCode() == root.get("self").orElseThrow().hashCode());
    }
  }

  @Test
  void containersMayBeKeysOfThemselves() throws IOException {
    byte[] pickle = new PickleWriter().raw('}', 'q', 0, 'h', 0, 'h', 0, 's').stop();
    TorchArchive.open(Files.write(folder.resolve("self.pt"), TorchArchiveWriter.zip(pickle, new byte[0]))).close();
  }

  @Test
  void depthIsLimitedWithoutRecursion() throws IOException {
    PickleWriter marks = new PickleWriter();
    PickleWriter lists = new PickleWriter();
    for (int i = 0; i < 300_000; i++) {
      marks.raw('(');
      lists.raw(']');
    }
    assertRefused(TorchArchiveWriter.zip(marks.stop(), new byte[0]), "nested more than");
    assertRefused(TorchArchiveWriter.zip(lists.stop(), new byte[0]), "values on the stack");
    PickleWriter tuples = new PickleWriter().raw(')');
    for (int i = 0; i < 300_000; i++) {
      tuples.raw(0x85);
    }
    TorchArchive.open(Files.write(folder.resolve("deep.pt"), TorchArchiveWriter.zip(tuples.stop(), new byte[0]))).close();
  }

  @Test
  void endlessInstructionsAreRefused() throws IOException {
    byte[] pickle = new byte[8 << 20];
    for (int i = 0; i < pickle.length; i += 2) {
      pickle[i] = 'N';
      pickle[i + 1] = '0';
    }
    assertRefused(TorchArchiveWriter.zip(pickle, new byte[0]), "instructions");
  }

  @Test
  void copiesOfOneListDoNotMultiply() throws IOException {
    PickleWriter bomb = new PickleWriter().raw(']', 'q', 0, '(');
    for (int i = 0; i < 10_000; i++) {
      bomb.raw('N', 'N', 0x86);
    }
    bomb.raw('e', 'h', 0, 0x85, 'q', 1, '0').global("collections", "OrderedDict").raw('q', 2, '0');
    for (int i = 0; i < 100_000; i++) {
      bomb.raw('h', 2, 'h', 1, 'R', '0');
    }
    assertRefused(TorchArchiveWriter.zip(bomb.stop(), new byte[0]), "items copied");
  }

  @ParameterizedTest
  @CsvSource({"X, 2147483647", "X, -1", "B, 2147483647", "T, -1", "r, 2147483647", "r, -1", "j, 1000000", "j, -1"})
  void lengthsAndNumbersAreChecked(char code, int value) throws IOException {
    assertRefused(TorchArchiveWriter.zip(new PickleWriter().raw('N', code).int32(value).stop(), new byte[0]), "refused at byte");
  }

  @Test
  void zipBombsAreRefused() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("a/data.pkl", new PickleWriter().tensor("FloatStorage", "0", 10 << 20, 0, dims(10 << 20), dims(1)).stop());
    entries.put("a/data/0", new byte[40 << 20]);
    byte[] bomb = TorchArchiveWriter.zipOf(entries, ZipEntry.DEFLATED);
    assertTrue(bomb.length < 100_000, "a bomb is small");
    try (TorchArchive archive = TorchArchive.open(Files.write(folder.resolve("bomb.pt"), bomb))) {
      String message = assertThrows(CheckpointException.class, archive::tensor).getMessage();
      assertTrue(message.contains("unpacks to 41943040 bytes; at most"), message);
    }
    Map<String, byte[]> description = Map.of("a/data.pkl", new byte[65 << 20]);
    assertRefused(TorchArchiveWriter.zipOf(description, ZipEntry.DEFLATED), "at most 67108864 are accepted");
  }

  @Test
  void entriesThatLieAboutTheirSizeAreRefused() throws IOException {
    Map<String, byte[]> entries = Map.of("a/data.pkl", new PickleWriter().raw('N').stop());
    byte[] honest = TorchArchiveWriter.zipOf(entries, ZipEntry.DEFLATED);
    int central = (int) Integer.toUnsignedLong(ByteBuffer.wrap(honest).order(ByteOrder.LITTLE_ENDIAN).getInt(honest.length - 6));
    for (int claimed : List.of(0, 1, 3, 5, 1 << 20, Integer.MAX_VALUE, -1)) {
      byte[] lying = honest.clone();
      ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putInt(central + 24, claimed);
      assertRefused(lying, "");
    }
  }

  @Test
  void otherFilesAreRecognised() throws IOException {
    assertRefused(bytes("<!DOCTYPE html><html><body>404</body></html>"), "HTML page");
    assertRefused(bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"), "Git LFS pointer");
    assertRefused(new byte[0], "empty file");
    assertRefused(new byte[] {(byte) 0x80, 2, 'N', '.'}, "pickle without PyTorch's header");
    assertRefused(TorchArchiveWriter.zipOf(Map.of("readme.txt", new byte[3]), ZipEntry.STORED), "0 entries named data.pkl");
    Map<String, byte[]> script = Map.of("a/data.pkl", new byte[3], "a/constants.pkl", new byte[1]);
    assertRefused(TorchArchiveWriter.zipOf(script, ZipEntry.STORED), "TorchScript");
    Map<String, byte[]> bigEndian = Map.of("a/data.pkl", new byte[3], "a/byteorder", bytes("big"));
    assertRefused(TorchArchiveWriter.zipOf(bigEndian, ZipEntry.STORED), "big-endian");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void assertRefused(byte[] bytes, String complaint) throws IOException {
    Path file = Files.write(folder.resolve("hostile.pt"), bytes);
    CheckpointException e = assertThrows(CheckpointException.class, () -> TorchArchive.open(file).close());
    assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().contains(complaint), e.getMessage());
  }

  private static Object[] tensor(long stored, long offset, long[] shape, long[] strides, String complaint) {
    return new Object[] {stored, offset, shape, strides, complaint};
  }

  private static long[] dims(long... values) {
    return values.length == 0 ? NONE : values;
  }
}
