package dev.syrinx.verify;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.PlacedArguments;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Where kernels are checked. */
public interface KernelCheckTarget {
  /** The implementations of an operation that can run here. */
  List<Candidate> candidates(KernelSpec spec);

  /**
   * An implementation under test.
   *
   * @param name of the variant
   * @param layouts in which it wants weights
   * @param arithmetic type to which it rounds its factors
   * @param supports which calls it takes
   * @param runner computes a call and leaves the results, and whatever else it wrote, in the call's buffers
   */
  record Candidate(String name, Map<String, Layout> layouts, DType arithmetic, Predicate<Arguments> supports, Runner runner) {}

  /** Runs calls. */
  @FunctionalInterface
  interface Runner {
    /** Runs {@code call}, which is {@code placed}'s own or one over the same buffers. */
    void run(PlacedArguments placed, Arguments call);
  }
}
