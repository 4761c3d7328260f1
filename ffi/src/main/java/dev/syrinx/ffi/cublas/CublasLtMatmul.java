package dev.syrinx.ffi.cublas;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.CFunction;
import dev.syrinx.ffi.cuda.CudaStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A product of one shape, with the algorithm that the library thinks best. Running it allocates nothing and can be recorded in a graph.
 *
 * <p>The library thinks in columns: a row-major y is its yᵀ, so it is told to compute yᵀ {@code [n, m]} = w · xᵀ from w as a transposed {@code [k, n]} and x as {@code [k, m]}.
 */
public final class CublasLtMatmul implements AutoCloseable {
  // cublasComputeType_t
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_32F_FAST_TF32 = 77;

  // cublasLtMatmulDescAttributes_t and its values
  private static final int TRANSPOSE_A = 3;
  private static final int TRANSPOSED = 1;

  // cublasLtMatmulPreferenceAttributes_t
  private static final int MOST_WORKSPACE = 1;
  private static final int ALIGNMENT_A = 5;
  private static final int ALIGNMENT_D = 8;

  // cublasLtMatmulHeuristicResult_t: the algorithm, the workspace it needs, its state
  private static final long RESULT_BYTES = 96;
  private static final long WORKSPACE = 64;
  private static final long STATE = 72;

  private final CublasLt library;
  private final MatmulShape shape;
  private final Arena arena = Arena.ofShared();
  private final List<Runnable> releases = new ArrayList<>();
  private final long description;
  private final long w;
  private final long x;
  private final long y;
  private final MemorySegment result = arena.allocate(RESULT_BYTES, 8);
  private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1f);
  private final MemorySegment zero = arena.allocateFrom(JAVA_FLOAT, 0f);
  private boolean closed;

  CublasLtMatmul(CublasLt library, MatmulShape shape, long workspaceBytes) {
    this.library = library;
    this.shape = shape;
    library.context().enter();
    try {
      description = create(library.descriptionDestroy, out -> library.descriptionCreate.call(out, shape.tensorFloat() ? COMPUTE_32F_FAST_TF32 : COMPUTE_32F, MatmulShape.Type.F32.code()));
      set(library.descriptionSet, description, TRANSPOSE_A, TRANSPOSED);
      w = layout(shape.factors(), shape.k(), shape.n(), shape.wStride());
      x = layout(shape.factors(), shape.k(), shape.m(), shape.xStride());
      y = layout(shape.result(), shape.n(), shape.m(), shape.yStride());
      choose(workspaceBytes);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Makes an object of the library through a pointer to its handle; {@link #close} destroys it. */
  private interface Maker {
    int make(long out);
  }

  private long create(CFunction destroyer, Maker maker) {
    MemorySegment out = arena.allocate(JAVA_LONG);
    check("description of a product", maker.make(out.address()));
    long made = out.get(JAVA_LONG, 0);
    releases.add(() -> check(destroyer.name(), destroyer.call(made)));
    return made;
  }

  private long layout(MatmulShape.Type type, long rows, long cols, long stride) {
    return create(library.layoutDestroy, out -> library.layoutCreate.call(out, type.code(), rows, cols, stride));
  }

  private void set(CFunction setter, long object, int attribute, int value) {
    MemorySegment in = arena.allocateFrom(JAVA_INT, value);
    check(setter.name() + "(" + attribute + ")", setter.call(object, attribute, in.address(), 4L));
  }

  private void choose(long workspaceBytes) {
    long preference = create(library.preferenceDestroy, out -> library.preferenceCreate.call(out));
    MemorySegment bytes = arena.allocateFrom(JAVA_LONG, workspaceBytes);
    check("cublasLtMatmulPreferenceSetAttribute", library.preferenceSet.call(preference, MOST_WORKSPACE, bytes.address(), 8L));
    for (int attribute = ALIGNMENT_A; attribute <= ALIGNMENT_D; attribute++) {
      set(library.preferenceSet, preference, attribute, shape.alignment());
    }
    MemorySegment count = arena.allocate(JAVA_INT);
    check("cublasLtMatmulAlgoGetHeuristic", library.heuristic(description, w, x, y, preference, 1, result.address(), count.address()));
    int state = count.get(JAVA_INT, 0) == 0 ? 15 : result.get(JAVA_INT, STATE);
    check("cublasLtMatmulAlgoGetHeuristic", state);
  }

  private void check(String call, int status) {
    if (status != 0) {
      throw new CublasException(call + " of " + shape, status);
    }
  }

  public MatmulShape shape() {
    return shape;
  }

  /** Device memory that {@link #run} needs besides the matrices. */
  public long workspaceBytes() {
    return result.get(JAVA_LONG, WORKSPACE);
  }

  /**
   * Computes; returns before it is done.
   *
   * @param xAddress device address of x {@code [m, k]}
   * @param wAddress device address of w {@code [n, k]}
   * @param yAddress device address of y {@code [m, n]}
   * @param workspace device address of {@link #workspaceBytes}, 256-byte aligned; anything if that is 0
   */
  public void run(long xAddress, long wAddress, long yAddress, long workspace, CudaStream stream) {
    run(xAddress, wAddress, yAddress, false, workspace, stream);
  }

  /** The same, added to what y holds if {@code accumulate}. */
  public void run(long xAddress, long wAddress, long yAddress, boolean accumulate, long workspace, CudaStream stream) {
    MemorySegment beta = accumulate ? one : zero;
    int status =
        library.matmul(
            description, one.address(), wAddress, w, xAddress, x, beta.address(), yAddress, y, result.address(), workspace, workspaceBytes(), stream.handle());
    if (status != 0) {
      throw new CublasException("cublasLtMatmul of " + shape, status);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      releases.reversed().forEach(Runnable::run);
      arena.close();
    }
  }
}
