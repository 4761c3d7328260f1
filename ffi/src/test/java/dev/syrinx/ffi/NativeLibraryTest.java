package dev.syrinx.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NativeLibraryTest {
  @Test
  void rememberWhatWasTriedAndWhyItFailed() {
    NativeLibrary library = NativeLibrary.open("speech", "libno-such-a.so.2", "libno-such-b.so.1");
    assertFalse(library.present());
    assertEquals(List.of("libno-such-a.so.2", "libno-such-b.so.1"), library.attempts().stream().map(NativeLibrary.Attempt::name).toList());
    assertTrue(library.attempts().stream().noneMatch(attempt -> attempt.failure().isEmpty()), library.reason());
    assertTrue(library.reason().contains("libno-such-a.so.2") && library.reason().contains("libno-such-b.so.1"), library.reason());
    assertTrue(library.find("anything").isEmpty());
    NativeException e = assertThrows(NativeException.class, () -> Downcall.status(library, "anything", ValueLayout.JAVA_INT));
    assertTrue(e.getMessage().startsWith("speech is not on this machine"), e.getMessage());
  }

  @Test
  void aDamagedLibraryIsToldFromAMissingOne(@TempDir Path folder) throws Exception {
    byte[] bytes = Files.readAllBytes(sample());
    bytes[5] ^= 3; // EI_DATA of ELF: the other byte order
    Path file = Files.write(folder.resolve("libother.so"), bytes);
    NativeLibrary library = NativeLibrary.open("speech", file.toString());
    assertFalse(library.present());
    assertFalse(library.reason().contains("No such file"), library.reason());
    assertTrue(library.reason().contains("libother.so"), library.reason());
  }

  @Test
  void foldersOfThePropertyComeFirst(@TempDir Path folder) throws Exception {
    Path file = Files.copy(sample(), folder.resolve("libno-such-c.so"));
    System.setProperty(NativeLibrary.PATH_PROPERTY, folder.toString());
    try {
      NativeLibrary library = NativeLibrary.open(Arena.ofAuto(), "speech", List.of("libno-such-c.so", "libno-such-d.so"));
      assertEquals(file.toString(), library.loadedAs());
      assertEquals("", library.reason());
    } finally {
      System.clearProperty(NativeLibrary.PATH_PROPERTY);
    }
  }

  /** A small library that every JDK has. */
  private static Path sample() {
    return Path.of(System.getProperty("java.home"), "lib", System.mapLibraryName("jimage"));
  }
}
