package dev.syrinx.kernels;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * A way to do an operation on a CUDA device: its source and its launches. Every entry of a variant takes the same parameters, in this order, so that the
 * declaration alone lays them out ({@link CudaAbi}):
 *
 * <ol>
 *   <li>each declared parameter: an address (0 if absent), an {@code int} or a {@code float};
 *   <li>an {@code int} row stride, in elements, for each buffer of two axes or more, in order (0 if absent);
 *   <li>an {@code int} extent for each axis, in order of first appearance;
 *   <li>the address of scratch memory.
 * </ol>
 *
 * @param name {@code cuda}, or what sets it apart from the family's other rungs
 * @param source the file under {@code src/main/cuda} without ending: {@code norm/layer_norm}
 * @param plan the launches of a call, in order
 * @param scratch bytes of scratch memory of a call
 * @param layouts weights that this variant wants packed, by parameter name
 * @param arithmetic type to which it rounds what it multiplies, before sums in float32; {@link DType#F32} for variants that round nothing
 * @param supports which calls it takes
 * @param early whether its launches may begin before those ahead of them have ended: all threads of its entries call {@code begin_early} first
 */
public record CudaVariant(
    String name, String source, Plan plan, ToLongFunction<Arguments> scratch, Map<String, Layout> layouts, DType arithmetic, Predicate<Arguments> supports, boolean early) {
  /** From a call and a device to launches. Must not depend on the contents of buffers, nor on scalars that change between replays. */
  @FunctionalInterface
  public interface Plan {
    /** The launches, in order; none if there is nothing to do. */
    List<Launch> launches(Arguments a, Gpu gpu);
  }

  /** A variant without scratch memory that takes every call. */
  public static CudaVariant of(String source, Plan plan) {
    return new CudaVariant("cuda", source, plan, a -> 0, Map.of(), DType.F32, a -> true, false);
  }

  /** The same under another name. */
  public CudaVariant named(String other) {
    return new CudaVariant(other, source, plan, scratch, layouts, arithmetic, supports, early);
  }

  /** The same with scratch memory. */
  public CudaVariant withScratch(ToLongFunction<Arguments> bytes) {
    return new CudaVariant(name, source, plan, bytes, layouts, arithmetic, supports, early);
  }

  /** The same with a packed weight. */
  public CudaVariant withLayout(String param, Layout layout) {
    return new CudaVariant(name, source, plan, scratch, Map.of(param, layout), arithmetic, supports, early);
  }

  /** The same, rounding the factors of its products. */
  public CudaVariant rounding(DType type) {
    return new CudaVariant(name, source, plan, scratch, layouts, type, supports, early);
  }

  /** The same for some calls only. */
  public CudaVariant onlyIf(Predicate<Arguments> condition) {
    return new CudaVariant(name, source, plan, scratch, layouts, arithmetic, condition, early);
  }

  /** The same, beginning early. */
  public CudaVariant beginningEarly() {
    return new CudaVariant(name, source, plan, scratch, layouts, arithmetic, supports, true);
  }
}
