package dev.syrinx.verify;

import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Difference;
import java.util.List;

/**
 * How an implementation of a kernel did with one type of weights.
 *
 * @param runs cases × placements × poisoned inputs that were compared; 0 if it declines them all, or if none belongs to the share that is checked
 * @param worst largest error as a share of what is allowed, and where
 * @param faults what went wrong otherwise: writes outside of buffers, results that are not repeatable, failures
 */
public record KernelCheckOutcome(String kernel, String variant, DType type, int runs, Difference worst, List<String> faults) {
  public KernelCheckOutcome {
    faults = List.copyOf(faults);
  }

  /** Whether everything that ran was right. */
  public boolean passed() {
    return faults.isEmpty() && worst.allowed();
  }
}
