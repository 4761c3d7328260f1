package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A copy of the launcher in a project of its own, in a folder with blanks, on a machine whose only JDKs are made here. */
final class LauncherSandbox {
  /** How a run ended; the stand-in for Java prints the program's arguments, each on a line. */
  record Result(int code, String out, String err) {
    List<String> arguments() {
      List<String> lines = out.lines().toList();
      int main = lines.indexOf("dev.syrinx.app.Main");
      return main < 0 ? List.of() : lines.subList(main + 1, lines.size());
    }
  }

  private static final String BASH = "/bin/bash";

  private static final String MAVEN = """
      #!/bin/bash
      echo "$PWD $*" >> "$SANDBOX/builds"
      echo "$JAVA25_HOME" > "$SANDBOX/maven-jdk"
      if [ -n "${BREAK_BUILD:-}" ]; then echo "$BREAK_BUILD"; exit 1; fi
      mkdir -p app/target/lib
      touch app/target/syrinx-app.jar app/target/lib/other.jar
      """;

  private static final String JAVA = """
      #!/bin/bash
      printf '%s\\n' "$@"
      exit "${EXIT_CODE:-0}"
      """;

  private final Path folder;
  private final Path root;
  private final Path script;
  private final Map<String, String> environment = new HashMap<>();

  LauncherSandbox(Path folder) throws IOException {
    assumeTrue(Files.isExecutable(Path.of(BASH)), "no bash on this system: the launcher is not tested");
    this.folder = folder;
    root = folder.resolve("a project");
    Files.createDirectories(root.resolve("core/src/main"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    String original = Files.readString(Path.of("..", "syrinx"));
    String isolated = original.replaceAll("(?<= )/(usr|opt|Library)/", folder + "/");
    assertTrue(isolated.contains(folder + "/lib/jvm/*"), "the launcher does not look where this test expects");
    script = executable(root.resolve("syrinx"), isolated);
    executable(folder.resolve("bin/mvn"), MAVEN);
    environment.put("PATH", folder.resolve("bin") + ":/usr/bin:/bin");
    environment.put("HOME", folder.toString());
    environment.put("SANDBOX", folder.toString());
  }

  Path root() {
    return root;
  }

  Path script() {
    return script;
  }

  /** Variables of the next runs; nothing else is inherited. */
  Map<String, String> environment() {
    return environment;
  }

  /** A stand-in JDK; JAVA25_HOME names it if it is a 25 outside the usual folders. */
  Path jdk(String place, String version) throws IOException {
    Path jdk = folder.resolve(place);
    executable(jdk.resolve("bin/java"), JAVA);
    executable(jdk.resolve("bin/javac"), JAVA);
    Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    if (version.startsWith("25") && !place.startsWith("lib")) {
      environment.put("JAVA25_HOME", jdk.toString());
    }
    return jdk;
  }

  /** How often Maven was called. */
  int builds() throws IOException {
    Path builds = folder.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
  }

  Result run(Path command, List<String> args) throws IOException, InterruptedException {
    return run(command, args, environment);
  }

  /** Runs a script from another folder with exactly this environment. */
  static Result run(Path command, List<String> args, Map<String, String> environment) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(BASH, command.toString()));
    line.addAll(args);
    Path out = Files.createTempFile("launcher", ".out");
    Path err = Files.createTempFile("launcher", ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(line).directory(Path.of("/").toFile());
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      assertTrue(process.waitFor(120, TimeUnit.SECONDS), "the launcher hangs");
      return new Result(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  static Path executable(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    assertTrue(file.toFile().setExecutable(true));
    return file;
  }
}
