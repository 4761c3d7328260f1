package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import dev.syrinx.testdata.TestData;
import java.util.Arrays;
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
    @Mixin private ModelOption model;
    @Mixin private EngineOptions engine;
    @Mixin private FlowChoice flow;
    @SuppressWarnings("UnusedVariable") // takes -q, as every command of the engine does
    @Mixin private ProgressOption progress;

    @Option(names = "-o", converter = Output.Converter.class)
    private Output output;

    @Override
    public Integer call() {
      engine.device().threads();
      Switches switches = flow.on(engine.switches());
      engine.device().open(switches).close();
      model.folder();
      return ExitCode.OK;
    }
  }

  private Sing sing = new Sing();

  private Cli.Result run(String... options) {
    sing = new Sing(); // the parser takes what stands in the fields as their defaults
    String[] args = new String[options.length + 1];
    args[0] = "sing";
    System.arraycopy(options, 0, args, 1, options.length);
    return Cli.run(Main.commandLine(sing), args);
  }

  @Test
  void defaults() {
    assertEquals(new Cli.Result(ExitCode.OK, "", ""), run());
    assertEquals(Precision.FP32, sing.engine.switches().precision());
    assertEquals(Runtime.getRuntime().availableProcessors(), sing.engine.device().threads());
    assertEquals(TestData.folder(TestData.VOICE_EN), sing.model.folder());
    assertTrue(sing.model.notice().orElse("").contains("small voice"));
  }

  @Test
  void everythingGiven() {
    assertEquals(ExitCode.OK, run("--device", "cpu", "--threads", "3", "--precision", "int8", "--model", ".", "-o", "-", "-q").code());
    assertEquals(3, sing.engine.device().threads());
    assertEquals(Precision.INT8, sing.engine.switches().precision());
    assertTrue(sing.model.notice().isEmpty());
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
    String[] given = {
      "--device", "cuda:99", "--gpu-memory", "20g", "--graph", "off", "--launcher", "jcuda", "--fusion", "off", "--gemm", "cublaslt", "--attention", "naive", "--variant", variant
    };
    assertEquals(ExitCode.INPUT, run(given).code()); // there is no such device
    CudaOptions options = sing.engine.device().cuda(1, sing.engine.switches());
    Map<String, String> variants = Map.of(kernel.name(), kernel.cuda().getLast().name(), "attention", "naive", "decode_attention", "split");
    assertEquals(new CudaOptions(1, 20L << 30, false, CudaOptions.Launcher.JCUDA, false, CudaOptions.Gemm.CUBLASLT, List.of(), variants), options);
    assertEquals(
        List.of(
            "--device", "cuda:99", "--graph", "off", "--fusion", "off", "--attention", "naive", "--gemm", "cublaslt", "--launcher", "jcuda", "--gpu-memory",
            String.valueOf(20L << 30), "--variant", variant),
        sing.engine.device().arguments());
  }

  @Test
  void presetsAreWhereSwitchesStart() {
    assertEquals(ExitCode.INPUT, run("--device", "cuda:99", "--preset", "baseline").code());
    assertEquals(Switches.preset(Switches.Preset.BASELINE), sing.engine.switches());
    assertEquals(ExitCode.OK, run("--device", "cpu", "--preset", "accel", "--precision", "bf16").code());
    assertEquals(Precision.BF16, sing.engine.switches().precision());
  }

  @Test
  void whatCannotBeHonouredIsRefusedWithTheReason() {
    for (String[] wrong : new String[][] {
      {"leave it out, or use --device cuda:N", "--device", "cpu", "--graph", "on"},
      {"--gemm cublaslt concerns a GPU", "--device", "cpu", "--gemm", "cublaslt"},
      {"the resident decode kernel has its own attention; add --fusion off", "--device", "cuda:0", "--attention", "naive"},
      {"the resident decode kernel has its own products; add --fusion off", "--device", "cuda:0", "--gemm", "jcublas"},
      {"no products of float32 and int8", "--device", "cuda:0", "--gemm", "cublaslt", "--fusion", "off", "--precision", "int8"},
      {"contradict each other", "--device", "cuda:0", "--attention", "naive", "--fusion", "off", "--variant", "attention=flash"},
      {"--block-size is about --kv paged", "--device", "cpu", "--kv", "contiguous", "--block-size", "32"},
      {"--steps 9 with --schedule epss", "--device", "cpu", "--schedule", "epss", "--steps", "9"},
      {"--cfg-interval must be FROM-TO", "--device", "cpu", "--cfg-interval", "0.5"},
      {"no guidance to confine", "--device", "cpu", "--cfg-interval", "0-0.5", "--cfg", "0"},
      {"--cfg must be 0 to 10", "--device", "cpu", "--cfg", "11"},
      {"is none of baseline, accel, full, low-memory", "--preset", "fast"}
    }) {
      Cli.Result result = run(Arrays.copyOfRange(wrong, 1, wrong.length));
      assertEquals(ExitCode.USAGE, result.code(), String.join(" ", wrong) + result.err());
      assertTrue(result.err().contains(wrong[0]), result.err());
    }
  }

  @Test
  void wrongValuesAreUsage() {
    for (String[] wrong : new String[][] {
      {"--device", "gpu"}, {"--threads", "0"}, {"--threads", "many"}, {"--precision", "fp8"}, {"--gpu-memory", "much"}, {"--launcher", "jni"}, {"--graph", "maybe"},
      {"--block-size", "x"}, {"--latents", "none"}, {"--schedule", "none"}, {"--solver", "rk4"}
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
