package dev.syrinx.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Lanes;
import dev.syrinx.kernels.norm.LayerNorm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the check finds what it should, on bodies that are wrong on purpose. */
final class KernelCheckTest {
  @Test
  void theVectorBodiesPass() {
    KernelCheck.Report report = new KernelCheck(new KernelCheckHost(), outcome -> {}).run(List.of(LayerNorm.SPEC, KernelCatalog.named("rms_norm")));
    assertTrue(report.passed(), report::toString);
    assertEquals(Lanes.available() ? 2 : 0, report.outcomes().size());
    assertTrue(report.outcomes().stream().allMatch(outcome -> outcome.runs() > 6), report::toString);
  }

  @Test
  void wrongResultsAreFound() {
    KernelCheckOutcome outcome = broken((placed, call) -> {
      reference(call);
      float first = call.segment("y").get(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 0);
      call.segment("y").set(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 0, first + 0.01f);
    });
    assertFalse(outcome.passed());
    assertTrue(outcome.worst().share() > 1 && outcome.worst().where().startsWith("y["), outcome::toString);
  }

  @Test
  void strayWritesAreFound() {
    KernelCheckOutcome outcome = broken((placed, call) -> {
      reference(call);
      placed.buffers().get("x").set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) 1);
    });
    assertTrue(outcome.faults().getFirst().contains("wrote outside of x@"), outcome::toString);
  }

  @Test
  void resultsThatChangeAreFound() {
    int[] runs = {0};
    KernelCheckOutcome outcome = broken((placed, call) -> {
      reference(call);
      call.segment("y").set(java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 0, runs[0]++ * 1e-9f);
    });
    assertTrue(outcome.faults().stream().anyMatch(fault -> fault.contains("differs between two runs")), outcome::toString);
  }

  @Test
  void partsTogetherAreTheWhole() {
    int whole = runs(KernelCheckShare.WHOLE);
    assertEquals(whole, runs(KernelCheckShare.WHOLE.part("1/3")) + runs(KernelCheckShare.WHOLE.part("2/3")) + runs(KernelCheckShare.WHOLE.part("3/3")));
    assertEquals(whole, 3 * runs(new KernelCheckShare(true, 1, 1)), "a third: nothing is poisoned");
    assertThrows(IllegalArgumentException.class, () -> KernelCheckShare.WHOLE.part("4/3"));
    assertThrows(IllegalArgumentException.class, () -> KernelCheckShare.WHOLE.part("3"));
  }

  private static int runs(KernelCheckShare share) {
    KernelCheckTarget target = s -> List.of(new KernelCheckTarget.Candidate("odd", s.reference().layouts(), dev.syrinx.kernels.DType.F32, a -> true, (placed, call) -> reference(call)));
    List<KernelSpec> specs = List.of(LayerNorm.SPEC, KernelCatalog.named("rms_norm"));
    return new KernelCheck(target, share, outcome -> {}).run(specs).outcomes().stream().mapToInt(KernelCheckOutcome::runs).sum();
  }

  @Test
  void aFailureDoesNotHideTheOthers() {
    List<KernelCheckOutcome> seen = new ArrayList<>();
    KernelCheckTarget target = spec -> List.of(new KernelCheckTarget.Candidate("odd", spec.reference().layouts(), dev.syrinx.kernels.DType.F32, a -> true, (placed, call) -> {
      if (spec == LayerNorm.SPEC) {
        throw new IllegalStateException("on purpose");
      }
      reference(call);
    }));
    KernelCheck.Report report = new KernelCheck(target, seen::add).run(List.of(LayerNorm.SPEC, KernelCatalog.named("rms_norm")));
    assertEquals(List.of(false, true), seen.stream().map(KernelCheckOutcome::passed).toList());
    assertTrue(seen.getFirst().faults().getFirst().contains("on purpose"));
    assertEquals(List.of(), report.skipped());
  }

  private static void reference(dev.syrinx.kernels.Arguments call) {
    KernelCheckHost.run(call.spec().reference(), call);
  }

  private static KernelCheckOutcome broken(KernelCheckTarget.Runner runner) {
    KernelSpec spec = LayerNorm.SPEC;
    KernelCheckTarget target = s -> List.of(new KernelCheckTarget.Candidate("odd", s.reference().layouts(), dev.syrinx.kernels.DType.F32, a -> true, runner));
    return new KernelCheck(target, outcome -> {}).run(List.of(spec)).outcomes().getFirst();
  }
}
