package dev.syrinx.bench.study;

import dev.syrinx.backend.cuda.KernelWatch;

/**
 * What a kernel that the user brought took in place, on calls that the model made, beside the variant of this project that would have run.
 *
 * @param kernel operation
 * @param own file and entry
 * @param instead of which variant; - if none takes the call
 * @param shape extents and scalars of the call
 * @param calls of this shape in a run
 * @param ownMicros of a call on the device; 0 where it was not timed
 * @param insteadMicros of a call of the variant; 0 where it was not timed
 */
public record OwnKernel(String kernel, String own, String instead, String shape, long calls, double ownMicros, double insteadMicros) {
  static OwnKernel of(KernelWatch.Time time) {
    return new OwnKernel(time.kernel(), time.theirs(), time.ours(), time.shape(), time.calls(), known(time.theirMicros()), known(time.ourMicros()));
  }

  private static double known(double micros) {
    return Double.isFinite(micros) ? micros : 0;
  }

  /** Whether both sides were timed. */
  @com.fasterxml.jackson.annotation.JsonIgnore
  public boolean timed() {
    return ownMicros > 0 && insteadMicros > 0;
  }
}
