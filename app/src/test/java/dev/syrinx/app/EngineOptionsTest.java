package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.nn.Precision;
import dev.syrinx.testdata.TestData;
import java.util.List;
import java.util.Map;
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
    @SuppressWarnings("UnusedVariable") // takes -q, as every command of the engine does
    @Mixin private ProgressOption progress;

    @Option(names = "-o", converter = Output.Converter.class)
    private Output output;

    @Override
    public Integer call() {
      engine.device().threads();
      engine.device().open().close();
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
    assertEquals(Runtime.getRuntime().availableProcessors(), sing.engine.device().threads());
    assertEquals(TestData.folder(TestData.TINY_A), sing.engine.model().folder());
    assertTrue(sing.engine.model().notice().orElse("").contains("noise"));
  }

  @Test
  void everythingGiven() {
    assertEquals(ExitCode.OK, run("--device", "cpu", "--threads", "3", "--precision", "int8", "--model", ".", "-o", "-", "-q").code());
    assertEquals(3, sing.engine.device().threads());
    assertEquals(Precision.INT8, sing.engine.precision());
    assertTrue(sing.engine.model().notice().isEmpty());
    assertTrue(sing.output.stdout());
  }

  @Test
  void aGpuThatIsNotThereIsSaid() {
    Cli.Result result = run("--device", "cuda:99");
    assertEquals(ExitCode.INPUT, result.code());
    assertTrue(result.err().contains("CUDA: ") || result.err().contains("there is no cuda:99"), result.err());
  }

  @Test
  void howToUseAGpu() {
    KernelSpec kernel = KernelCatalog.ALL.stream().filter(spec -> !spec.cuda().isEmpty()).findFirst().orElseThrow();
    String variant = kernel.name() + "=" + kernel.cuda().getLast().name();
    assertEquals(
        ExitCode.OK, run("--device", "cpu", "--gpu-memory", "20g", "--no-graphs", "--launcher", "jcuda", "--variant", variant).code());
    CudaOptions options = sing.engine.device().cuda(1);
    assertEquals(
        new CudaOptions(1, 20L << 30, false, CudaOptions.Launcher.JCUDA, true, Map.of(kernel.name(), kernel.cuda().getLast().name())),
        options);
    assertEquals(
        List.of("--device", "cpu", "--launcher", "JCUDA", "--gpu-memory", String.valueOf(20L << 30), "--no-graphs", "--variant", variant),
        sing.engine.device().arguments());
  }

  @Test
  void wrongValuesAreUsage() {
    for (String[] wrong : new String[][] {
      {"--device", "gpu"}, {"--threads", "0"}, {"--threads", "many"}, {"--precision", "fp8"}, {"--gpu-memory", "much"},
      {"--launcher", "jni"}
    }) {
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
