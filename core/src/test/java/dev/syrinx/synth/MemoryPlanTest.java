package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Precision;
import org.junit.jupiter.api.Test;

/** The plan is made by the engine's code; what it says for a GPU is compared with the GPU by {@code syrinx bench}. */
final class MemoryPlanTest {
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

  @Test
  void narrowWeightsAndShortSpeechTakeLess() {
    assertTrue(bytes(plan(Precision.FP16, 30), "GPT") < bytes(plan(Precision.FP32, 30), "GPT"));
    assertTrue(plan(Precision.FP32, 30).total() <= plan(Precision.FP32, SamplingOptions.defaults().maxTokens()).total());
  }
}
