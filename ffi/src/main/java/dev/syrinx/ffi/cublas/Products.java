package dev.syrinx.ffi.cublas;

import dev.syrinx.ffi.cuda.CudaStream;

/** A library that computes products on a device: NVIDIA's, through one binding or another. One caller at a time. */
public sealed interface Products extends AutoCloseable permits CublasLtProducts, JCublasProducts {
  /** Device memory that a library gets for the pieces of a product whose k it cuts. */
  long WORKSPACE = 32L << 20;

  /** Library and binding, for people. */
  String name();

  /**
   * Computes y = x · wᵀ, or adds it to y; returns before it is done. May be recorded in a graph.
   *
   * @param x device address of x {@code [m, k]}
   * @param w device address of w {@code [n, k]}
   * @param y device address of y {@code [m, n]}
   * @throws CublasException if the library has no way to compute it
   */
  void run(MatmulShape shape, boolean accumulate, long x, long w, long y, CudaStream stream);

  @Override
  void close();
}
