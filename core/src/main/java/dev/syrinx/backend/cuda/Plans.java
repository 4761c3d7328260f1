package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaFunction;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** What was found out about calls of an operation, by their signatures: a model makes the same calls again and again, and choosing takes longer than launching. */
final class Plans {
  /** Signatures that are remembered; then it begins afresh. */
  private static final int MOST = 4096;

  /**
   * A variant's launches for a call.
   *
   * @param functions one for each launch
   * @param scratch bytes of scratch memory
   */
  record Plan(List<Launch> launches, List<CudaFunction> functions, long scratch) {}

  private final DeviceKernel kernel;
  private final Map<Signature, Known> known = new HashMap<>();

  Plans(DeviceKernel kernel) {
    this.kernel = kernel;
  }

  private static final class Known {
    private CudaVariant variant;
    private final IdentityHashMap<CudaVariant, Plan> plans = new IdentityHashMap<>();
  }

  private static final class Signature {
    private final long[] numbers;

    private Signature(long[] numbers) {
      this.numbers = numbers;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Signature that && Arrays.equals(numbers, that.numbers);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(numbers);
    }
  }

  private Known known(Arguments call) {
    if (known.size() > MOST) {
      known.clear();
    }
    return known.computeIfAbsent(new Signature(call.signature()), signature -> new Known());
  }

  /** As {@link DeviceKernel#variant}, once for a signature. */
  CudaVariant variant(Arguments call) {
    Known one = known(call);
    if (one.variant == null) {
      one.variant = kernel.choose(call);
    }
    return one.variant;
  }

  Plan plan(Arguments call, CudaVariant variant, Gpu gpu) {
    return known(call).plans.computeIfAbsent(variant, v -> {
      List<Launch> launches = v.plan().launches(call, gpu);
      return new Plan(launches, launches.stream().map(launch -> kernel.function(v, launch.entry())).toList(), v.scratch().applyAsLong(call));
    });
  }
}
