package dev.syrinx.ffi.cublas;

import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.JCudaNatives;
import jcuda.Pointer;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;

/** cuBLAS's products through JCublas. See {@link JCublas} for whether it is there. */
public final class JCublasProducts implements Products {
  private final cublasHandle handle = new cublasHandle();
  private final Pointer one = Pointer.to(new float[] {1});
  private final Pointer zero = Pointer.to(new float[] {0});
  private final long stream;
  private boolean closed;

  JCublasProducts(CudaStream stream, long workspace) {
    this.stream = stream.handle();
    check("cublasCreate", JCublas2.cublasCreate(handle));
    check("cublasSetStream", JCublas2.cublasSetStream(handle, JCudaNatives.adopt(new cudaStream_t(), this.stream)));
    // With memory of its own it would allocate while a graph is recorded.
    check("cublasSetWorkspace", JCublas2.cublasSetWorkspace(handle, device(workspace), WORKSPACE));
  }

  @Override
  public String name() {
    return "cuBLAS through JCublas";
  }

  @Override
  public void run(MatmulShape shape, boolean accumulate, long x, long w, long y, CudaStream on) {
    if (on.handle() != stream) {
      throw new IllegalArgumentException("JCublas was opened for another stream");
    }
    int type = shape.factors().code();
    int compute = shape.tensorFloat() ? cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32 : cublasComputeType.CUBLAS_COMPUTE_32F;
    int status =
        JCublas2.cublasGemmEx_new(
            handle, cublasOperation.CUBLAS_OP_T, cublasOperation.CUBLAS_OP_N, shape.n(), shape.m(), shape.k(), one, device(w), type, leading(shape.wStride()), device(x), type,
            leading(shape.xStride()), accumulate ? one : zero, device(y), shape.result().code(), leading(shape.yStride()), compute, cublasGemmAlgo.CUBLAS_GEMM_DEFAULT);
    check("cublasGemmEx of " + shape, status);
  }

  private static int leading(long stride) {
    return Math.toIntExact(stride);
  }

  private static Pointer device(long address) {
    return JCudaNatives.adopt(new Pointer(), address);
  }

  private static void check(String call, int status) {
    if (status != 0) {
      throw new CublasException("JCublas's " + call, status);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check("cublasDestroy", JCublas2.cublasDestroy(handle));
    }
  }
}
