package dev.syrinx.ffi.cublas;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.ffi.CFunction;
import dev.syrinx.ffi.Downcall;
import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaLibraries;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** cuBLASLt on a device. Functions, codes and structures: {@code cublasLt.h} of CUDA 13; CUDA 12's are the same. */
public final class CublasLt implements AutoCloseable {
  /** cublasLtMatmulAlgoGetHeuristic(handle, description, A, B, C, D, preference, wanted, results, count). */
  private static final MethodHandle HEURISTIC =
      CFunction.handle(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

  /** cublasLtMatmul(handle, description, alpha, A, layout, B, layout, beta, C, layout, D, layout, algorithm, workspace, bytes, stream). */
  private static final MethodHandle MATMUL =
      CFunction.handle(
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_LONG, JAVA_LONG);

  final CFunction descriptionCreate;
  final CFunction descriptionDestroy;
  final CFunction descriptionSet;
  final CFunction layoutCreate;
  final CFunction layoutDestroy;
  final CFunction preferenceCreate;
  final CFunction preferenceDestroy;
  final CFunction preferenceSet;
  private final CFunction destroy;
  private final MemorySegment heuristic;
  private final MemorySegment matmul;
  private final CudaContext context;
  private final NativeLibrary library;
  private final long handle;
  private boolean closed;

  private CublasLt(CudaContext context, NativeLibrary library) {
    this.context = context;
    this.library = library;
    descriptionCreate = CFunction.of(library, "cublasLtMatmulDescCreate");
    descriptionDestroy = CFunction.of(library, "cublasLtMatmulDescDestroy");
    descriptionSet = CFunction.of(library, "cublasLtMatmulDescSetAttribute");
    layoutCreate = CFunction.of(library, "cublasLtMatrixLayoutCreate");
    layoutDestroy = CFunction.of(library, "cublasLtMatrixLayoutDestroy");
    preferenceCreate = CFunction.of(library, "cublasLtMatmulPreferenceCreate");
    preferenceDestroy = CFunction.of(library, "cublasLtMatmulPreferenceDestroy");
    preferenceSet = CFunction.of(library, "cublasLtMatmulPreferenceSetAttribute");
    destroy = CFunction.of(library, "cublasLtDestroy");
    heuristic = CFunction.of(library, "cublasLtMatmulAlgoGetHeuristic").address();
    matmul = CFunction.of(library, "cublasLtMatmul").address();
    context.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      check("cublasLtCreate", CFunction.of(library, "cublasLtCreate").call(out.address()));
      handle = out.get(JAVA_LONG, 0);
    }
  }

  /** This machine's library on a device, or why it is not to be had. */
  public static Probe<CublasLt> probe(CudaContext context) {
    return probe(context, CudaLibraries.cublasLt());
  }

  /** The same for a given library. */
  public static Probe<CublasLt> probe(CudaContext context, Probe<NativeLibrary> library) {
    return switch (library) {
      case Probe.Absent<NativeLibrary>(String reason, String remedy) -> new Probe.Absent<>(reason, remedy);
      case Probe.Present<NativeLibrary>(NativeLibrary found) -> {
        try {
          yield new Probe.Present<>(new CublasLt(context, found));
        } catch (NativeException e) {
          yield new Probe.Absent<>(e.getMessage(), "install the CUDA 13 toolkit's libraries");
        }
      }
    };
  }

  /** The name that the library was loaded under. */
  public String loadedAs() {
    return library.loadedAs();
  }

  CudaContext context() {
    return context;
  }

  /**
   * Prepares a product.
   *
   * @param workspaceBytes most device memory that it may use besides its matrices
   * @throws CublasException if the library has no way to compute it
   */
  public CublasLtMatmul matmul(MatmulShape shape, long workspaceBytes) {
    return new CublasLtMatmul(this, shape, workspaceBytes);
  }

  int heuristic(long description, long a, long b, long c, long preference, int wanted, long results, long count) {
    try {
      return (int) HEURISTIC.invokeExact(heuristic, handle, description, a, b, c, c, preference, wanted, results, count);
    } catch (Throwable e) {
      throw Downcall.failure("cublasLtMatmulAlgoGetHeuristic", e);
    }
  }

  int matmul(
      long description, long alpha, long a, long aLayout, long b, long bLayout, long beta, long d, long dLayout, long algorithm, long workspace, long bytes, long stream) {
    try {
      return (int) MATMUL.invokeExact(matmul, handle, description, alpha, a, aLayout, b, bLayout, beta, d, dLayout, d, dLayout, algorithm, workspace, bytes, stream);
    } catch (Throwable e) {
      throw Downcall.failure("cublasLtMatmul", e);
    }
  }

  static void check(String call, int status) {
    if (status != 0) {
      throw new CublasException(call, status);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cublasLtDestroy", destroy.call(handle));
    }
  }

  @Override
  public String toString() {
    return library.toString();
  }
}
