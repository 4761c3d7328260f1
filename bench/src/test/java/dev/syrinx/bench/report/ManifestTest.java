package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.Hashes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  @TempDir private Path folder;

  @Test
  void hashesAreThoseOfTheStandard() throws Exception {
    // FIPS 180-2, appendix B, and its long message of a million letters.
    assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        Hashes.file(Files.writeString(folder.resolve("abc"), "abc")));
    assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Hashes.text("abc"));
    assertEquals("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        Hashes.file(Files.writeString(folder.resolve("million"), "a".repeat(1_000_000))));
    assertEquals(Hashes.text("a\u0000b\u0000"), Hashes.samples(new short[] {'a', 'b'}), "little-endian");
    assertNotEquals(Hashes.numbers(List.of(new int[] {1, 2}, new int[] {3})), Hashes.numbers(List.of(new int[] {1}, new int[] {2, 3})),
        "lists keep their ends");
    assertTrue(Hashes.kernelClasses().matches("[0-9a-f]{64}"));
    assertEquals(Hashes.kernelClasses(), Hashes.kernelClasses());
  }

  @Test
  void itIsReadAsItWasWritten() {
    Manifest made = new Manifest(List.of("--seed=3", "--", "Say \"this\" \u00e9."), Map.of("seed", "3"), Map.of(Manifest.SAMPLES, "00"));
    assertEquals(made, Manifest.parse(made.json()));
    for (String wrong : new String[] {"", "[]", "{}", "{\"schema\":\"syrinx.manifest/2\"}", "{\"schema\":\"syrinx.manifest/1\"}"}) {
      assertThrows(IllegalArgumentException.class, () -> Manifest.parse(wrong), wrong);
    }
  }

  @Test
  void whatDiffersIsNamed() {
    Manifest was = new Manifest(List.of(), Map.of("seed", "3", "java", "25"), Map.of(Manifest.SAMPLES, "00"));
    Manifest is = new Manifest(List.of(), Map.of("seed", "4", "java", "25", "kernel mine", "11"), Map.of(Manifest.SAMPLES, "00"));
    assertEquals(List.of(new Manifest.Difference("seed", "3", "4"), new Manifest.Difference("kernel mine", "", "11")), was.items(is));
    assertEquals(List.of(), was.outputs(is));
  }
}
