package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code syrinx} with the real JDK and the real program, laid out as a finished build. */
final class LauncherProgramTest {
  @TempDir private static Path folder;
  private static Path script;

  @BeforeAll
  static void layOut() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash on this system: the launcher is not tested");
    Path lib = Files.createDirectories(folder.resolve("app/target/lib"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (path.endsWith("app/target/classes")) {
        pack(path, folder.resolve("app/target/syrinx-app.jar"));
      } else if (Files.isDirectory(path) && path.endsWith("target/classes") && !path.endsWith("test-data/target/classes")) {
        pack(path, lib.resolve(path.getParent().getParent().getFileName() + ".jar"));
      } else if (entry.endsWith(".jar") && !path.getFileName().toString().startsWith("syrinx-test-data")) {
        Files.copy(path, lib.resolve(path.getFileName()));
      }
    }
    script = LauncherSandbox.executable(folder.resolve("syrinx"), Files.readString(Path.of("..", "syrinx")));
  }

  @Test
  void version() throws Exception {
    LauncherSandbox.Result result = run(Map.of(), "--version");
    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().startsWith("syrinx " + Version.number()), result.out());
  }

  @Test
  void textOutsideAsciiSurvivesThePlainLocale() throws Exception {
    assumeTrue(utf8Locale(), "no locale C.UTF-8 on this system: arguments outside ASCII are not tested");
    LauncherSandbox.Result result = run(Map.of("LC_ALL", "C"), "你好");
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertTrue(result.err().contains("'你好' is no command"), result.err());
  }

  private static LauncherSandbox.Result run(Map<String, String> more, String... args) throws Exception {
    Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/bin:/bin", "HOME", folder.toString()));
    environment.put("JAVA25_HOME", System.getProperty("java.home"));
    environment.putAll(more);
    return LauncherSandbox.run(script, List.of(args), environment);
  }

  private static boolean utf8Locale() throws Exception {
    Process locale = new ProcessBuilder("/bin/bash", "-c", "LC_ALL=C.UTF-8 locale charmap 2>&1").start();
    return new String(locale.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().equals("UTF-8");
  }

  private static void pack(Path classes, Path target) throws IOException {
    try (OutputStream out = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        Files.copy(file, jar);
      }
    }
  }
}
