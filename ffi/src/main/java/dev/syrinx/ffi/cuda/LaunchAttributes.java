package dev.syrinx.ffi.cuda;

/**
 * What a launch may ask for beyond its geometry.
 *
 * @param programmatic may begin before the launch ahead of it has ended (programmatic dependent launch); the kernel must wait for its inputs with {@code griddepcontrol.wait}
 * @param cooperative all blocks run at the same time, so that they may wait for each other
 * @param clusterX blocks of a cluster; {@code clusterY}, {@code clusterZ} likewise; 1 for none
 */
public record LaunchAttributes(boolean programmatic, boolean cooperative, int clusterX, int clusterY, int clusterZ) {
  /** A plain launch. */
  public static final LaunchAttributes NONE = new LaunchAttributes(false, false, 1, 1, 1);

  /** The same with programmatic dependent launch. */
  public LaunchAttributes overlapping() {
    return new LaunchAttributes(true, cooperative, clusterX, clusterY, clusterZ);
  }

  /** The same with all blocks at once. */
  public LaunchAttributes together() {
    return new LaunchAttributes(programmatic, true, clusterX, clusterY, clusterZ);
  }

  /** The same with clusters. */
  public LaunchAttributes clusters(int x, int y, int z) {
    return new LaunchAttributes(programmatic, cooperative, x, y, z);
  }

  boolean clustered() {
    return clusterX * clusterY * clusterZ > 1;
  }
}
