package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.model.acoustic.Guidance;
import dev.syrinx.nn.Precision;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SwitchesTest {
  @Test
  void everyPresetCanBeHonouredEverywhere() {
    for (Switches.Preset preset : Switches.Preset.values()) {
      Switches switches = Switches.preset(preset);
      assertEquals(switches, switches.check(Switches.Target.GPU));
      switches.onCpu().check(Switches.Target.CPU);
      assertEquals(25, switches.steps());
    }
  }

  @Test
  void theBaselineAcceleratesNothing() {
    Switches switches = Switches.preset(Switches.Preset.BASELINE);
    assertEquals(
        "kv contiguous, graph off, attention naive, gemm own, launcher panama, fusion off, precision fp32, latents second-pass, steps 25 uniform, cfg 0.7",
        switches.describe(Switches.Target.GPU));
    CudaOptions cuda = switches.cuda(CudaOptions.of(2));
    assertEquals(Map.of("attention", "naive", "decode_attention", "split"), cuda.variants());
    assertTrue(!cuda.graphs() && !cuda.fusion() && cuda.device() == 2);
  }

  @Test
  void theReasonIsGiven() {
    Switches d = Switches.defaults();
    assertReason("--graph off concerns a GPU", () -> d.withGpu(false, d.attention(), d.gemm(), d.launcher(), d.fusion()).check(Switches.Target.CPU));
    assertReason("add --fusion off", () -> d.withGpu(true, Switches.Attention.NAIVE, d.gemm(), d.launcher(), true).check(Switches.Target.GPU));
    assertReason(
        "float32 and int8",
        () -> d.withGpu(true, d.attention(), CudaOptions.Gemm.CUBLASLT, d.launcher(), false).withPrecision(Precision.INT8).check(Switches.Target.GPU));
    assertReason("use --beams 1", () -> d.withLatents(Switches.Latents.REUSE).check(SamplingOptions.defaults()));
    assertReason("16 to 256", () -> d.withKv(Switches.Kv.PAGED, 8));
    assertReason("have 5, 6, 7, 10, 12 or 16 steps, got 25", () -> d.withFlow(25, 0.7f, Switches.Schedule.EPSS));
    assertReason("--cfg must be", () -> d.withFlow(25, Float.NaN, Switches.Schedule.UNIFORM));
  }

  @Test
  void solversAndIntervals() {
    Switches d = Switches.defaults();
    Switches chosen = d.withFlow(10, 0.7f, Switches.Schedule.UNIFORM).withSolver(FlowSolver.AB2).withCfgInterval(CfgInterval.parse("0.1-.6"));
    assertTrue(chosen.describe(Switches.Target.CPU).endsWith("steps 10 uniform, cfg 0.7 within 0.1-0.6, solver ab2"), chosen.describe(Switches.Target.CPU));
    assertEquals(Guidance.always(0.7f).within(0.1f, 0.6f), chosen.guidance());
    assertEquals(d, chosen.withFlowOf(d));
    assertReason("FROM-TO", () -> CfgInterval.parse("0.5"));
    assertReason("FROM-TO", () -> CfgInterval.parse("-1-2"));
    assertReason("0 <= FROM < TO <= 1", () -> CfgInterval.parse("0.6-0.1"));
    assertReason("no guidance to confine", () -> d.withFlow(25, 0, Switches.Schedule.UNIFORM).withCfgInterval(new CfgInterval(0, 0.5f)));
    assertReason("holds none", () -> d.withFlow(4, 0.7f, Switches.Schedule.UNIFORM).withCfgInterval(new CfgInterval(0.1f, 0.2f)));
  }

  @Test
  void schedulesAreDenseNearTheNoise() {
    for (Switches.Schedule schedule : new Switches.Schedule[] {Switches.Schedule.SWAY, Switches.Schedule.EPSS}) {
      var flow = Switches.defaults().withFlow(10, 0, schedule).flowSchedule();
      assertEquals(10, flow.steps());
      assertEquals(0, flow.time(0));
      assertEquals(1, flow.time(9) + flow.length(9), 1e-6);
      assertTrue(flow.length(0) < flow.length(9) / 4, flow::toString);
    }
  }

  private static void assertReason(String part, Runnable run) {
    String message = assertThrows(OptionsException.class, run::run).getMessage();
    assertTrue(message.contains(part), message);
  }
}
