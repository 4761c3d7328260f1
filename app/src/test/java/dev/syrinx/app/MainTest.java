package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;

final class MainTest {
  @TestFactory
  Stream<DynamicTest> everyCommandExplainsItself() {
    List<CommandLine> commands = new ArrayList<>(Main.commandLine().getSubcommands().values());
    commands.add(Main.commandLine());
    return commands.stream()
        .map(command -> DynamicTest.dynamicTest(command.getCommandSpec().qualifiedName(), () -> helpIsComplete(command)));
  }

  private static void helpIsComplete(CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    List<String> args = new ArrayList<>(List.of(name.split(" ")));
    args.removeFirst();
    args.add("--help");
    Cli.Result help = Cli.run(args.toArray(String[]::new));
    assertEquals(ExitCode.OK, help.code(), help.err());
    assertTrue(help.out().startsWith("Usage: " + name), help.out());
    String afterwards = help.out().substring(help.out().indexOf("Examples:"));
    assertTrue(afterwards.contains("  syrinx "), help.out());
    assertTrue(help.out().contains("--debug"), help.out());
    command.getCommandSpec().args().forEach(arg -> assertTrue(arg.description().length > 0, arg + " has no description"));
  }

  @Test
  void helpListsCommandsAndExitCodes() {
    String help = Cli.run("--help").out();
    for (String part : List.of("\n  doctor ", "\n  kernels ", "\n  0    done", "\n  3    ", "\n  70   ")) {
      assertTrue(help.contains(part), "no '" + part.strip() + "' in " + help);
    }
  }

  @Test
  void version() {
    Cli.Result version = Cli.run("--version");
    assertEquals(ExitCode.OK, version.code());
    assertTrue(version.out().matches("(?s)syrinx \\d+\\.\\d+\\.\\d+.*"), version.out());
  }

  @Test
  void aWrongCommandLineSaysWhereToReadOn() {
    assertEquals(ExitCode.USAGE, Cli.run().code());
    Cli.Result unknown = Cli.run("kernel");
    assertEquals(ExitCode.USAGE, unknown.code());
    assertTrue(unknown.err().contains("'kernel' is no command") && unknown.err().contains("syrinx kernels"), unknown.err());
    Cli.Result option = Cli.run("doctor", "--jsn");
    assertEquals(ExitCode.USAGE, option.code());
    assertTrue(option.err().contains("'--jsn'") && option.err().contains("Try 'syrinx doctor --help'"), option.err());
  }

  @Test
  void kernelsShowTheWholeCatalogue() throws Exception {
    String table = Cli.run("kernels").out();
    JsonNode json = new ObjectMapper().readTree(Cli.run("kernels", "--json").out());
    assertEquals(KernelCatalog.ALL.size(), json.size());
    for (int i = 0; i < json.size(); i++) {
      KernelSpec kernel = KernelCatalog.ALL.get(i);
      assertEquals(kernel.name(), json.get(i).get("name").asText());
      assertEquals(kernel.params().size(), json.get(i).get("params").size());
      assertEquals(kernel.variants().size(), json.get(i).get("variants").size());
      assertTrue(table.contains(" " + kernel.name() + " ") && table.contains(kernel.formula()), kernel.name());
    }
  }

  @Test
  void oneKernelInFull() {
    KernelSpec kernel = KernelCatalog.ALL.getFirst();
    Cli.Result card = Cli.run("kernels", kernel.name());
    assertEquals(ExitCode.OK, card.code());
    kernel.params().forEach(param -> assertTrue(card.out().contains(param.name()), card.out()));
    Cli.Result unknown = Cli.run("kernels", "nonsense");
    assertEquals(ExitCode.USAGE, unknown.code());
    assertTrue(unknown.err().contains("'nonsense'") && unknown.err().contains(kernel.name()), unknown.err());
    assertFalse(unknown.err().contains("\tat "), unknown.err());
  }

  @Test
  void aPlanNeedsNoGpu() {
    Cli.Result plan = Cli.run("speak", "--plan", "--device", "cuda:0", "--precision", "fp16", "--max-tokens", "50");
    assertEquals(ExitCode.OK, plan.code(), plan.err());
    assertTrue(plan.out().contains("weights    GPT") && plan.out().contains("workspace  preparing a voice") && plan.out().contains("precision fp16"), plan.out());
    Cli.Result tight = Cli.run("speak", "--plan", "--device", "cuda:0", "--gpu-memory", "20m", "--max-tokens", "50");
    assertEquals(ExitCode.INPUT, tight.code(), tight.err());
    assertTrue(tight.err().contains("--gpu-memory 20,971,520 bytes: weights and a voice need"), tight.err());
    Cli.Result warned = Cli.run("speak", "--plan", "--device", "cuda:0", "--gpu-memory", "160m");
    assertTrue(warned.code() == ExitCode.OK && warned.out().contains("the longest segment would need"), warned.out() + warned.err());
  }

  @Test
  void kernelsAreCheckedWhereTheyRun() {
    Cli.Result checked = Cli.run("kernels", "--check", "layer_norm", "rms_norm", "--device", "cpu");
    assertEquals(ExitCode.OK, checked.code(), checked.out() + checked.err());
    assertTrue(checked.out().matches("(?s).*\nlayer_norm +vector +f32 +\\d+ +\\d\\.\\d+  pass\n.*"), checked.out());
    Cli.Result timed = Cli.run("kernels", "--time", "--device", "cpu");
    assertEquals(ExitCode.INPUT, timed.code());
    assertTrue(timed.err().contains("--device cuda:N"), timed.err());
  }
}
