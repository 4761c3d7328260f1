package dev.syrinx.app.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.app.Cli;
import dev.syrinx.app.ExitCode;
import dev.syrinx.ffi.Probe;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorTest {
  @TempDir private Path folder;

  @Test
  void thisMachineRunsTheTestsSoItIsHealthy() throws Exception {
    Cli.Result table = Cli.run("doctor");
    assertEquals(ExitCode.OK, table.code(), table.out());
    assertTrue(table.out().contains("No problem found."), table.out());
    JsonNode json = new ObjectMapper().readTree(Cli.run("doctor", "--json").out());
    assertTrue(json.get("healthy").asBoolean());
    List<String> names = json.get("checks").valueStream().map(check -> check.get("name").asText()).toList();
    List<String> expected = List.of("JDK", "Vector API", "processor", "threads", "memory", "driver", "cuBLAS", "cuBLASLt");
    assertTrue(names.containsAll(expected), names.toString());
  }

  @Test
  void whatIsNotThereHasARemedy() throws Exception {
    JsonNode json = new ObjectMapper().readTree(Cli.run("doctor", "--json").out());
    for (JsonNode check : json.get("checks")) {
      assertEquals("OK".equals(check.get("status").asText()), check.get("remedy").asText().isEmpty(), check.toString());
    }
  }

  @Test
  void aWholeModel() {
    Cli.Result result = Cli.run("doctor", "--model", TestData.folder(TestData.TINY_A).toString());
    assertEquals(ExitCode.OK, result.code(), result.out());
    assertTrue(result.out().contains("hf_cache/bigvgan/bigvgan_generator.pt"), result.out());
    assertFalse(result.out().contains("missing"), result.out());
  }

  @Test
  void everyMissingOrDamagedFileIsAProblem() throws Exception {
    copyModel("gpt.pth", "qwen0.6bemo4-merge/model.safetensors");
    Files.writeString(folder.resolve("s2mel.pth"), "<html>log in</html>");
    List<Check> checks = ModelChecks.run(folder);
    List<String> problems = checks.stream().filter(check -> check.status() == Check.Status.PROBLEM).map(Check::value).toList();
    assertEquals(2, problems.size(), problems.toString());
    assertTrue(problems.getFirst().startsWith("gpt.pth is missing"), problems.toString());
    assertTrue(problems.getLast().contains("s2mel.pth") && problems.getLast().contains("HTML"), problems.toString());
    assertEquals(ExitCode.FOUND, Cli.run("doctor", "--model", folder.toString()).code());
  }

  @Test
  void theEmotionModelIsOptional() throws Exception {
    copyModel("qwen0.6bemo4-merge/model.safetensors");
    List<Check> checks = ModelChecks.run(folder);
    List<Check> others = checks.stream().filter(check -> check.status() != Check.Status.OK).toList();
    assertEquals(1, others.size(), others.toString());
    assertEquals(Check.Status.ABSENT, others.getFirst().status());
    assertTrue(others.getFirst().value().contains("model.safetensors is missing"), others.toString());
  }

  @Test
  void aFolderWithoutAModel() {
    Cli.Result empty = Cli.run("doctor", "--model", folder.toString());
    assertEquals(ExitCode.FOUND, empty.code());
    assertTrue(empty.out().contains("config.yaml"), empty.out());
    assertEquals(ExitCode.INPUT, Cli.run("doctor", "--model", folder.resolve("none").toString()).code());
  }

  private void copyModel(String... without) throws IOException {
    Path model = TestData.folder(TestData.TINY_A).toRealPath();
    try (Stream<Path> files = Files.walk(model)) {
      for (Path file : files.filter(path -> Files.isRegularFile(path) && !path.startsWith(model.resolve("golden"))).toList()) {
        Path target = folder.resolve(model.relativize(file).toString());
        Files.createDirectories(target.getParent());
        if (!List.of(without).contains(model.relativize(file).toString())) {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  void anotherJavaOrNoVectorsIsAProblem() {
    assertEquals(Check.Status.PROBLEM, MachineChecks.javaVersion(Runtime.Version.parse("26.0.1")).status());
    assertEquals(Check.Status.OK, MachineChecks.javaVersion(Runtime.Version.parse("25.0.3+9")).status());
    Check scalar = MachineChecks.vector(0, "add the module");
    assertEquals(Check.Status.PROBLEM, scalar.status());
    assertEquals("add the module", scalar.remedy());
  }

  @Test
  void theProcessorsNameIsOptional() throws Exception {
    Path cpuinfo = Files.writeString(folder.resolve("cpuinfo"), "processor\t: 0\nmodel name\t: Fast: One\n");
    assertEquals("Fast: One, ", MachineChecks.processorName(cpuinfo));
    assertEquals("", MachineChecks.processorName(folder.resolve("none")));
  }

  @Test
  void aDriverThatIsNotThere() {
    Check check = CudaChecks.driver(new Probe.Absent<>("no library", "install one")).getFirst();
    assertEquals(Check.absent("cuda", "driver", "no library", "install one"), check);
  }
}
