package dev.syrinx.kernels;

import java.util.ArrayList;
import java.util.List;

/** The parameter list of a declaration's CUDA entries: see {@link CudaVariant}. */
public final class CudaAbi {
  /** Kind of an entry parameter. */
  public enum Kind {
    ADDRESS(8),
    INT(4),
    FLOAT(4),
    /** A {@link Window}: behind all others, where a launch has some. */
    WINDOW(Window.BYTES);

    private final int bytes;

    Kind(int bytes) {
      this.bytes = bytes;
    }

    /** Size, and alignment. */
    public int bytes() {
      return bytes;
    }
  }

  /** Receives the values of a call in the order of {@link #of}. */
  public interface Sink {
    void address(long value);

    void integer(int value);

    void real(float value);
  }

  private CudaAbi() {}

  /** Kinds of all entry parameters. */
  public static List<Kind> of(KernelSpec spec) {
    List<Kind> kinds = new ArrayList<>();
    for (Param param : spec.params()) {
      kinds.add(param.buffer() ? Kind.ADDRESS : param.type() == DType.I32 ? Kind.INT : Kind.FLOAT);
    }
    spec.params().stream().filter(CudaAbi::strided).forEach(p -> kinds.add(Kind.INT));
    spec.axes().forEach(axis -> kinds.add(Kind.INT));
    kinds.add(Kind.ADDRESS);
    return kinds;
  }

  /** The same with those of a launch. */
  public static List<Kind> of(KernelSpec spec, Launch launch) {
    List<Kind> kinds = of(spec);
    launch.windows().forEach(window -> kinds.add(Kind.WINDOW));
    return kinds;
  }

  private static boolean strided(Param param) {
    return param.buffer() && param.axes().size() > 1;
  }

  /**
   * Writes a checked call's values.
   *
   * @throws ArithmeticException if a row stride does not fit 32 bits
   */
  public static void write(Arguments a, long scratch, Sink sink) {
    List<Param> params = a.spec().params();
    for (int i = 0; i < params.size(); i++) {
      Param param = params.get(i);
      if (param.buffer()) {
        sink.address(a.given(i) ? a.viewAt(i).segment().address() : 0);
      } else if (param.type() == DType.I32) {
        sink.integer(a.intAt(i));
      } else {
        sink.real(a.floatAt(i));
      }
    }
    for (int i = 0; i < params.size(); i++) {
      if (strided(params.get(i))) {
        sink.integer(a.given(i) ? Math.toIntExact(a.viewAt(i).rowStride()) : 0);
      }
    }
    for (int i = 0; i < a.spec().axes().size(); i++) {
      sink.integer(Math.max(0, a.extentAt(i)));
    }
    sink.address(scratch);
  }
}
