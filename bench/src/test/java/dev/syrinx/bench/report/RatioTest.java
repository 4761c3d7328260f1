package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.statistics.Estimate;
import org.junit.jupiter.api.Test;

class RatioTest {
  @Test
  void sidesDifferWhereTheIntervalLeavesOutOne() {
    Ratio slower = Ratio.of(new Estimate(Math.log(2), 0.01, 8));
    assertTrue(slower.differs());
    assertEquals(2, slower.value(), 1e-12);
    assertEquals(2 * Math.exp(-2.306004 * 0.1), slower.low(), 1e-6, "Student's 0.975 quantile for 8 degrees of freedom is 2.306");
    assertEquals("×2.00 (1.59 to 2.52)", slower.words());
    assertEquals(slower.low(), 1 / slower.inverse().high(), 1e-12);
    Ratio equal = Ratio.of(new Estimate(0.1, 0.01, 8));
    assertFalse(equal.differs());
    assertEquals("×1.11 (0.88 to 1.39), no difference shown", equal.words());
  }

  @Test
  void whatNothingBoundsHasNoVerdict() {
    Ratio alone = Ratio.of(new Estimate(Math.log(3), 0, 0));
    assertFalse(alone.differs());
    assertEquals("×3.00, too few rounds for a verdict", alone.words());
  }
}
