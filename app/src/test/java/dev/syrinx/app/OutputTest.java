package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OutputTest {
  private static final byte[] DATA = {1, 2, 3};

  @TempDir private Path folder;

  @Test
  void writesAndReplaces() throws Exception {
    Path file = folder.resolve("a.wav");
    Files.writeString(file, "older and longer");
    new Output(file.toString()).write(out -> out.write(DATA));
    assertArrayEquals(DATA, Files.readAllBytes(file));
    assertEquals(List.of("a.wav"), names());
  }

  @Test
  void aFailureLeavesWhatWasThere() throws Exception {
    Path file = Files.writeString(folder.resolve("a.wav"), "older");
    CommandException.BadOutput e = assertThrows(CommandException.BadOutput.class, () -> new Output(file.toString()).write(out -> {
      out.write(DATA);
      throw new IOException("disk full");
    }));
    assertTrue(e.getMessage().contains("a.wav") && e.getMessage().contains("disk full"), e.getMessage());
    assertEquals("older", Files.readString(file));
    assertEquals(List.of("a.wav"), names());
  }

  @Test
  void aBugWhileWritingLeavesNothing() throws Exception {
    assertThrows(IllegalStateException.class, () -> new Output(folder.resolve("a.wav").toString()).write(out -> {
      throw new IllegalStateException("bug");
    }));
    assertEquals(List.of(), names());
  }

  @Test
  void aLinkStaysALink() throws Exception {
    Path real = Files.writeString(folder.resolve("real.wav"), "older");
    Path link = Files.createSymbolicLink(folder.resolve("link.wav"), real.getFileName());
    new Output(link.toString()).write(out -> out.write(DATA));
    assertTrue(Files.isSymbolicLink(link));
    assertArrayEquals(DATA, Files.readAllBytes(real));
  }

  @Test
  void placesThatCannotBeWrittenAreNamedBeforeTheWork() throws Exception {
    assertTrue(refused(folder.toString()).contains("folder"));
    assertTrue(refused(folder.resolve("none/a.wav").toString()).contains("does not exist"));
    assertTrue(refused("").contains("file name"));
  }

  @Test
  void aFullDiskIsSaid() {
    assumeTrue(Files.isWritable(Path.of("/dev/full")), "no /dev/full on this system: a full disk is not tried");
    Output full = new Output("/dev/full");
    CommandException.BadOutput e = assertThrows(CommandException.BadOutput.class, () -> full.write(out -> out.write(DATA)));
    assertTrue(e.getMessage().contains("No space left"), e.getMessage());
    assertEquals(ExitCode.OUTPUT, e.exitCode());
  }

  private static String refused(String name) {
    return assertThrows(CommandException.BadOutput.class, () -> new Output(name).check()).getMessage();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
