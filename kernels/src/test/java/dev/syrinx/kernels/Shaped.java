package dev.syrinx.kernels;

import java.lang.foreign.MemorySegment;

/** The arguments of a case without memory behind them: enough for checks, costs, units and tolerances. */
final class Shaped {
  private Shaped() {}

  static Arguments arguments(KernelSpec spec, Case c) {
    return arguments(spec, c, spec.dtypes().stream().sorted().findFirst().orElseThrow());
  }

  static Arguments arguments(KernelSpec spec, Case c, DType dtype) {
    Arguments a = spec.arguments();
    for (Param param : spec.params()) {
      if (param.buffer()) {
        boolean bytesOnly = param.name().equals("scale") && spec.dtypes().size() > 1 && dtype != DType.I8;
        if (!c.absent().contains(param.name()) && !bytesOnly) {
          int[] shape = param.axes().stream().mapToInt(axis -> c.extents().get(axis)).toArray();
          a.set(param.name(), View.of(MemorySegment.NULL, param.type() == null ? dtype : c.halves().contains(param.name()) ? DType.F16 : param.type(), shape));
        }
      } else if (param.type() == DType.I32) {
        a.set(param.name(), c.scalars().get(param.name()).intValue());
      } else {
        a.set(param.name(), c.scalars().get(param.name()).floatValue());
      }
    }
    return a.checked();
  }
}
