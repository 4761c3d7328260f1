package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every library that the program is run with is in NOTICE, with its licence. */
class NoticeTest {
  @Test
  void namesEveryLibrary() throws IOException {
    String notice = Files.readString(Path.of("..", "NOTICE"));
    List<String> words = List.of(notice.split("\\s+"));
    List<String> missing = libraries().filter(name -> !words.contains(name)).toList();
    assertEquals(List.of(), missing, "add these libraries of the class path and their licences to NOTICE");
  }

  /** Names of the JARs without versions. The test libraries are there under one name. */
  private static Stream<String> libraries() {
    String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(path.split(File.pathSeparator))
        .map(entry -> Path.of(entry).getFileName().toString())
        .filter(file -> file.endsWith(".jar") && !file.startsWith("syrinx-") && !file.startsWith("surefire"))
        .map(file -> file.replaceFirst("-\\d.*", ""))
        .map(name -> name.startsWith("junit-") ? "junit" : name);
  }
}
