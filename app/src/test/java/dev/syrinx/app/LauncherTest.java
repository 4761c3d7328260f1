package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code syrinx} with stand-ins for Maven and Java; the program itself runs in {@link LauncherProgramTest}. */
final class LauncherTest {
  @TempDir private Path folder;
  private LauncherSandbox sandbox;

  @BeforeEach
  void prepare() throws Exception {
    sandbox = new LauncherSandbox(folder);
  }

  @Test
  void buildsOnceAndPassesArgumentsExactly() throws Exception {
    sandbox.jdk("opt/jdk-25", "25.0.1");
    Path link = Files.createSymbolicLink(folder.resolve("link"), sandbox.script());
    List<String> args = List.of("speak", "two  words", "*", "", "$HOME", "-o", "a b.wav", "@file");
    LauncherSandbox.Result first = sandbox.run(link, args);
    assertEquals(0, first.code(), first.err());
    assertEquals(args, first.arguments());
    assertEquals("syrinx: building (first use), this takes a minute or two", first.err().strip());
    LauncherSandbox.Result second = sandbox.run(link, args);
    assertEquals(args, second.arguments());
    assertEquals("", second.err());
    assertEquals(1, sandbox.builds());
  }

  @Test
  void changedSourcesAreBuiltAgain() throws Exception {
    sandbox.jdk("opt/jdk-25", "25.0.1");
    sandbox.run(sandbox.script(), List.of("doctor"));
    Path source = Files.writeString(sandbox.root().resolve("core/src/main/New.java"), "class New {}");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
    LauncherSandbox.Result result = sandbox.run(sandbox.script(), List.of("doctor"));
    assertEquals("syrinx: building (sources changed), this takes a minute or two", result.err().strip());
    assertEquals(2, sandbox.builds());
  }

  @Test
  void aJdkInAUsualFolderWinsOverAnOlderJavaOnThePath() throws Exception {
    sandbox.jdk("old", "17.0.9");
    Path jdk = sandbox.jdk("lib/jvm/some-25", "25");
    sandbox.environment().put("JAVA_HOME", folder.resolve("old").toString());
    LauncherSandbox.Result result = sandbox.run(sandbox.script(), List.of("doctor"));
    assertEquals(0, result.code(), result.err());
    assertEquals(List.of("doctor"), result.arguments());
    assertEquals(jdk.toRealPath().toString(), Files.readString(folder.resolve("maven-jdk")).strip());
  }

  @Test
  void noJdkSaysWhatWasSeenAndWhatToDo() throws Exception {
    sandbox.jdk("old", "17.0.9");
    sandbox.jdk("lib/jvm/newer", "26.0.1");
    sandbox.environment().put("JAVA_HOME", folder.resolve("old").toString());
    LauncherSandbox.Result result = sandbox.run(sandbox.script(), List.of("doctor"));
    assertEquals(ExitCode.INTERNAL, result.code());
    for (String part : List.of("no JDK 25 found", "Java 17.0.9", "Java 26.0.1", "set JAVA25_HOME")) {
      assertTrue(result.err().contains(part), "no '" + part + "' in " + result.err());
    }
    assertEquals(0, sandbox.builds());
  }

  @Test
  void aFailedBuildShowsItsLog() throws Exception {
    sandbox.jdk("opt/jdk-25", "25.0.1");
    sandbox.environment().put("BREAK_BUILD", "cannot find symbol");
    LauncherSandbox.Result result = sandbox.run(sandbox.script(), List.of("doctor"));
    assertEquals(ExitCode.INTERNAL, result.code());
    assertTrue(result.err().contains("cannot find symbol") && result.err().contains("launcher-build.log"), result.err());
    assertTrue(result.arguments().isEmpty(), "the program ran without a build");
    sandbox.environment().remove("BREAK_BUILD");
    assertEquals(0, sandbox.run(sandbox.script(), List.of("doctor")).code(), "a failed build must not block the next one");
  }

  @Test
  void theExitCodeIsThePrograms() throws Exception {
    sandbox.jdk("opt/jdk-25", "25.0.1");
    sandbox.environment().put("EXIT_CODE", "4");
    assertEquals(4, sandbox.run(sandbox.script(), List.of("speak")).code());
  }

  @Test
  void aBuildThatDiedLeavesNoLock() throws Exception {
    sandbox.jdk("opt/jdk-25", "25.0.1");
    Path target = Files.createDirectories(sandbox.root().resolve("app/target"));
    Files.createSymbolicLink(target.resolve("launcher.lock"), Path.of("99999999"));
    assertEquals(0, sandbox.run(sandbox.script(), List.of("doctor")).code());
    assertFalse(Files.exists(target.resolve("launcher.lock"), LinkOption.NOFOLLOW_LINKS));
  }
}
