package dev.syrinx.model.acoustic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class FlowScheduleTest {
  @Test
  void uniformStepsAddUp() {
    FlowSchedule schedule = FlowSchedule.uniform(25);
    assertEquals(25, schedule.steps());
    float sum = 0;
    for (int i = 0; i < 25; i++) {
      assertEquals(i * 0.04f, schedule.time(i), 1e-6f);
      assertEquals(0.04f, schedule.length(i), 1e-6f);
      assertEquals(sum, schedule.time(i), "times are sums of the lengths");
      sum += schedule.length(i);
    }
  }

  @Test
  void givenTimes() {
    FlowSchedule schedule = FlowSchedule.of(0f, 0.25f, 1f);
    assertEquals(0.25f, schedule.time(1));
    assertEquals(0.75f, schedule.length(1));
    assertEquals(FlowSchedule.of(0f, 0.25f, 1f), schedule);
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> FlowSchedule.uniform(0));
    assertThrows(IllegalArgumentException.class, () -> FlowSchedule.of(0f, 0.5f, 0.5f, 1f));
    assertThrows(IllegalArgumentException.class, () -> FlowSchedule.of(0f, 0.5f));
    assertThrows(IllegalArgumentException.class, () -> FlowSchedule.of(0f, Float.NaN, 1f));
    assertThrows(IllegalArgumentException.class, FlowSchedule::of);
  }
}
