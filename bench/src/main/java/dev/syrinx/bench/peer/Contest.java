package dev.syrinx.bench.peer;

import dev.syrinx.bench.Samples;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One case run by both sides in turn.
 *
 * @param name what is computed
 * @param conditions beams, steps, precision, batch: what a number needs beside it
 * @param ours milliseconds of Syrinx
 * @param theirs milliseconds of the peer
 * @param target ratio to reach
 */
record Contest(String name, String conditions, Samples ours, Samples theirs, double target) {
  /** How many times faster Syrinx is. */
  double ratio() {
    return theirs.median() / ours.median();
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("case", name);
    json.put("conditions", conditions);
    json.put("syrinxMs", ours.json());
    json.put("peerMs", theirs.json());
    json.put("ratio", new java.math.BigDecimal(ratio()).round(new java.math.MathContext(3)).doubleValue());
    json.put("target", target);
    return json;
  }
}
