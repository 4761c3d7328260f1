package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.FakeGpu;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plan is made by the engine's code; what it says for a GPU is compared with the GPU by {@code syrinx bench}. */
final class MemoryPlanTest {
  @TempDir private Path folder;

  private static MemoryPlan plan(Precision precision, int codes) {
    MemoryPlan.Speech speech = new MemoryPlan.Speech(3, 20, codes, 2);
    return MemoryPlan.of(SyntheticModel.hollow(SyntheticDims.odd()), Switches.defaults().withPrecision(precision), RehearsalDriver.Device.H100, speech);
  }

  private static long bytes(MemoryPlan plan, String name) {
    return plan.rows().stream().filter(row -> row.name().startsWith(name)).mapToLong(MemoryPlan.Row::bytes).sum();
  }

  @Test
  void everyNetworkAndStageHasItsRow() {
    MemoryPlan plan = plan(Precision.FP32, 30);
    for (String name : new String[] {"w2v-BERT", "semantic codec", "CAM++", "GPT", "latent projection", "length regulator", "flow matching", "vocoder", "preparing a voice"}) {
      assertTrue(bytes(plan, name) > 0, name + " in " + plan);
    }
    assertEquals(plan.total(), plan.rows().stream().mapToLong(MemoryPlan.Row::bytes).sum());
    assertTrue(plan.toString().lines().count() == plan.rows().size() + 1, plan::toString);
    assertEquals(plan, plan(Precision.FP32, 30));
  }

  /** The same request on a device that plans and on one that computes: the limit of the issue is 5 %. */
  @Test
  void whatIsPlannedIsTaken() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    Switches switches = Switches.defaults().withFusion(false).withFlow(4, 0.7f, Switches.Schedule.UNIFORM).withSolver(FlowSolver.AB2).withCfgInterval(new CfgInterval(0.25f, 0.7f));
    CudaOptions options = switches.cuda(CudaOptions.of(0));
    for (int codes : new int[] {6, 120}) {
      MemoryPlan.Speech speech = new MemoryPlan.Speech(2, 12, codes, 2);
      SyntheticModel model = new SyntheticModel(SyntheticDims.odd(), 1);
      MemoryPlan plan;
      try (RehearsalDriver driver = new RehearsalDriver(RehearsalDriver.Device.H100)) {
        plan = MemoryPlan.on(CudaBackend.rehearse(driver, options, gpu), model, switches, speech);
      }
      CudaBackend backend = gpu.open(options);
      MemoryPlan.on(backend, model, switches, speech); // computes, because this device does
      assertEquals(1, backend.peakBytes() / (double) plan.engine(), 0.05, plan::toString);
    }
  }

  @Test
  void narrowWeightsAndShortSpeechTakeLess() {
    assertTrue(bytes(plan(Precision.FP16, 30), "GPT") < bytes(plan(Precision.FP32, 30), "GPT"));
    assertTrue(plan(Precision.FP32, 30).total() <= plan(Precision.FP32, SamplingOptions.defaults().maxTokens()).total());
  }
}
