package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.nn.Precision;
import dev.syrinx.testdata.TestData;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class EngineOptionsTest {
  /** What a command of the engine looks like. */
  @Command(name = "sing")
  private static final class Sing implements Callable<Integer> {
    @Mixin private EngineOptions engine;
    @Mixin private ProgressOption progress;

    @Option(names = "-o", converter = Output.Converter.class)
    private Output output;

    @Override
    public Integer call() {
      engine.requireAvailable();
      engine.threads();
      engine.model().folder();
      return ExitCode.OK;
    }
  }

  private final Sing sing = new Sing();

  private Cli.Result run(String... options) {
    String[] args = new String[options.length + 1];
    args[0] = "sing";
    System.arraycopy(options, 0, args, 1, options.length);
    return Cli.run(Main.commandLine(sing), args);
  }

  @Test
  void defaults() {
    assertEquals(new Cli.Result(ExitCode.OK, "", ""), run());
    assertEquals(Precision.FP32, sing.engine.precision());
    assertEquals(Runtime.getRuntime().availableProcessors(), sing.engine.threads());
    assertEquals(TestData.folder(TestData.TINY_A), sing.engine.model().folder());
    assertTrue(sing.engine.model().notice().orElse("").contains("noise"));
  }

  @Test
  void everythingGiven() {
    assertEquals(ExitCode.OK, run("--device", "cpu", "--threads", "3", "--precision", "int8", "--model", ".", "-o", "-", "-q").code());
    assertEquals(3, sing.engine.threads());
    assertEquals(Precision.INT8, sing.engine.precision());
    assertTrue(sing.engine.model().notice().isEmpty());
    assertTrue(sing.output.stdout());
  }

  @Test
  void cudaIsRefusedForNow() {
    Cli.Result result = run("--device", "cuda:1");
    assertEquals(ExitCode.INPUT, result.code());
    assertTrue(result.err().contains("cuda:1: the CUDA engine is not part of this build yet"), result.err());
  }

  @Test
  void wrongValuesAreUsage() {
    for (String[] wrong : new String[][] {{"--device", "gpu"}, {"--threads", "0"}, {"--threads", "many"}, {"--precision", "fp8"}}) {
      Cli.Result result = run(wrong);
      assertEquals(ExitCode.USAGE, result.code(), String.join(" ", wrong));
      assertTrue(result.err().contains(wrong[0]), result.err());
    }
  }

  @Test
  void aModelThatIsNoFolder() {
    Cli.Result result = run("--model", "/no/such/folder");
    assertEquals(ExitCode.INPUT, result.code());
    assertTrue(result.err().contains("/no/such/folder does not exist"), result.err());
  }
}
