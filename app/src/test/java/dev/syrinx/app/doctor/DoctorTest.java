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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void missingAndEmptyFilesAreProblemsButTheEmotionModelIsOptional() throws Exception {
    Files.createFile(folder.resolve("gpt.pth"));
    Files.createDirectories(folder.resolve("hf_cache/models--nvidia--bigvgan"));
    List<Check> checks = ModelChecks.run(folder);
    assertEquals(Check.Status.PROBLEM, named(checks, "config.yaml").status());
    assertTrue(named(checks, "gpt.pth").value().contains("did not finish"));
    assertEquals(Check.Status.ABSENT, named(checks, "qwen0.6bemo4-merge/model.safetensors").status());
    assertTrue(named(checks, "hf_cache").remedy().contains("snapshots"));
    assertEquals(ExitCode.FOUND, Cli.run("doctor", "--model", folder.toString()).code());
    assertEquals(ExitCode.INPUT, Cli.run("doctor", "--model", folder.resolve("none").toString()).code());
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

  private static Check named(List<Check> checks, String name) {
    return checks.stream().filter(check -> check.name().equals(name)).findFirst().orElseThrow();
  }
}
