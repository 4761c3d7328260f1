package dev.syrinx.kernels;

/**
 * What launch geometry may depend on.
 *
 * @param multiprocessors of the device
 * @param capability compute capability, 90 for 9.0
 * @param sharedBytes most dynamic shared memory of a block
 */
public record Gpu(int multiprocessors, int capability, int sharedBytes) {
  /** An H100, for tests that have no device. */
  public static final Gpu H100 = new Gpu(132, 90, 227 * 1024);
}
