package dev.syrinx.kernels;

import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * One way to do an operation.
 *
 * @param name {@code reference}, {@code vector}, …
 * @param target where it runs
 * @param units number of independent pieces of work of a call; threads share them
 * @param scratch bytes of scratch memory that each thread needs for a call
 * @param layouts weights that this variant wants packed, by parameter name
 * @param supports which calls it takes; a variant may decline, never guess
 * @param body the code
 */
public record Variant(
    String name,
    Target target,
    ToIntFunction<Arguments> units,
    ToLongFunction<Arguments> scratch,
    Map<String, Layout> layouts,
    Predicate<Arguments> supports,
    Body body) {
  /** Where a variant runs. */
  public enum Target { SCALAR, VECTOR }

  /** The scalar reference: double accumulation, written for reading; it is the specification. */
  public static Variant reference(ToIntFunction<Arguments> units, Body body) {
    return new Variant("reference", Target.SCALAR, units, a -> 0, Map.of(), a -> true, body);
  }

  /** A Vector API body. Pass a lambda, not a method reference: its class must not be touched when the module is absent. */
  public static Variant vector(ToIntFunction<Arguments> units, Body body) {
    return new Variant("vector", Target.VECTOR, units, a -> 0, Map.of(), a -> true, body);
  }

  /** The same with scratch memory. */
  public Variant withScratch(ToLongFunction<Arguments> bytes) {
    return new Variant(name, target, units, bytes, layouts, supports, body);
  }

  /** The same with a packed weight. */
  public Variant withLayout(String param, Layout layout) {
    return new Variant(name, target, units, scratch, Map.of(param, layout), supports, body);
  }

  /** The same for some calls only. */
  public Variant onlyIf(Predicate<Arguments> condition) {
    return new Variant(name, target, units, scratch, layouts, condition, body);
  }
}
