package dev.syrinx.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.bench.study.StudyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ParetoTest {
  @Test
  void theFrontierHoldsExactlyThePointsThatNoneBeats() {
    StudyRecord any = SampleStudy.records(1).getFirst();
    Random random = new Random(4);
    List<Pareto.Point> points = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      points.add(new Pareto.Point(any, random.nextInt(20), random.nextInt(20)));
    }
    List<Pareto.Point> best = Pareto.frontier(points);
    for (Pareto.Point p : points) {
      boolean beaten = points
          .stream().anyMatch(q -> q.seconds() <= p.seconds() && q.price() <= p.price()
              && (q.seconds() < p.seconds() || q.price() < p.price()));
      boolean there = best.stream().anyMatch(q -> q.seconds() == p.seconds() && q.price() == p.price());
      assertEquals(!beaten, there, p.toString());
    }
    assertTrue(best.size() > 1);
  }
}
