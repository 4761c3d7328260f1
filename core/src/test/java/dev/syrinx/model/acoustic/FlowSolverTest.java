package dev.syrinx.model.acoustic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FlowSolverTest {
  private static final Guidance GUIDED = Guidance.always(0.7f);

  /** Velocity −x + cos 3t, from x = 1, solved on a schedule; the exact solution is known. */
  private static double error(FlowSolver solver, FlowSchedule schedule) {
    double x = 1;
    double before = 0;
    for (FlowStep step : solver.steps(schedule, GUIDED)) {
      double v = -x + Math.cos(3 * step.time());
      x += step.current() * v + step.previous() * before;
      before = v;
    }
    double particular = 0.1 * Math.cos(3) + 0.3 * Math.sin(3);
    return Math.abs(x - (particular + 0.9 * Math.exp(-1)));
  }

  @Test
  void eulerIsOfFirstOrderAndAb2OfSecond() {
    assertEquals(2, error(FlowSolver.EULER, FlowSchedule.uniform(50)) / error(FlowSolver.EULER, FlowSchedule.uniform(100)), 0.1);
    assertEquals(4, error(FlowSolver.AB2, FlowSchedule.uniform(50)) / error(FlowSolver.AB2, FlowSchedule.uniform(100)), 0.3);
    assertEquals(4, error(FlowSolver.AB2, FlowSchedule.sway(50)) / error(FlowSolver.AB2, FlowSchedule.sway(100)), 0.3);
  }

  /** The first step is Euler's; behind it the velocity 1 + 2t is a line, which the method follows exactly however long its steps are. */
  @Test
  void linesAreFollowedExactly() {
    FlowSchedule schedule = FlowSchedule.of(0f, 0.1f, 0.15f, 0.5f, 0.6f, 1f);
    double x = 0.1 + 0.01; // exact where the first step ends
    double before = 1;
    List<FlowStep> steps = FlowSolver.AB2.steps(schedule, GUIDED);
    for (FlowStep step : steps.subList(1, steps.size())) {
      double v = 1 + 2 * step.time();
      x += step.current() * v + step.previous() * before;
      before = v;
    }
    assertEquals(2, x, 1e-6);
    assertEquals(0f, steps.getFirst().previous());
  }

  @ParameterizedTest
  @EnumSource
  void stepsAddUpAndBranchesFollowTheInterval(FlowSolver solver) {
    List<FlowStep> steps = solver.steps(FlowSchedule.uniform(10), GUIDED.within(0.15f, 0.65f));
    assertEquals(List.of(1, 1, 2, 2, 2, 2, 2, 1, 1, 1), steps.stream().map(FlowStep::branches).toList());
    assertEquals(1, steps.stream().mapToDouble(s -> s.current() + s.previous()).sum(), 1e-6);
    for (int start : new int[] {0, 2, 7}) {
      assertEquals(0f, steps.get(start).previous(), "nothing is looked back at where guidance changes");
    }
    assertEquals(solver.looksBack(), steps.get(8).previous() != 0f);
  }

  /** The default is the reference's, number by number. */
  @Test
  void eulersStepsAreTheSchedules() {
    FlowOptions standard = FlowOptions.standard();
    List<FlowStep> steps = standard.solver().steps(standard.schedule(), standard.guidance());
    for (int i = 0; i < 25; i++) {
      assertEquals(new FlowStep(standard.schedule().time(i), 0.7f, standard.schedule().length(i), 0f), steps.get(i));
    }
    assertTrue(standard.guidance().everywhere());
  }

  @Test
  void impossibleGuidanceIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Guidance.always(-1f));
    assertThrows(IllegalArgumentException.class, () -> Guidance.always(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> GUIDED.within(0.5f, 0.5f));
    assertThrows(IllegalArgumentException.class, () -> GUIDED.within(0f, 1.1f));
    assertThrows(IllegalArgumentException.class, () -> GUIDED.within(Float.NaN, 1f));
  }
}
