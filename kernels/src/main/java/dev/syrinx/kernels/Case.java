package dev.syrinx.kernels;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * A shape to test or to time.
 *
 * @param name what it stands for
 * @param model whether it is a real shape of the model (benchmarks) or a small hurtful one (tests)
 * @param extents axis name to extent
 * @param scalars scalar parameter to value
 * @param absent optional parameters left out
 * @param halves buffers in half precision
 */
public record Case(String name, boolean model, Map<String, Integer> extents, Map<String, Number> scalars, Set<String> absent, Set<String> halves) {
  /** A small shape for the contract tests. */
  public static Case test(String name) {
    return new Case(name, false, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
  }

  /** A real shape of the official model for the benchmarks. */
  public static Case model(String name) {
    return new Case(name, true, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
  }

  /** Sets an axis. */
  public Case dim(String axis, int extent) {
    extents.put(axis, extent);
    return this;
  }

  /** Sets a scalar. */
  public Case with(String scalar, Number value) {
    scalars.put(scalar, value);
    return this;
  }

  /** Leaves an optional parameter out. */
  public Case without(String... params) {
    absent.addAll(Set.of(params));
    return this;
  }

  /** Stores buffers in half precision. */
  public Case halves(String... params) {
    halves.addAll(Set.of(params));
    return this;
  }

  @Override
  public String toString() {
    return name + extents + scalars + (absent.isEmpty() ? "" : " without " + absent) + (halves.isEmpty() ? "" : " half " + halves.stream().sorted().toList());
  }
}
