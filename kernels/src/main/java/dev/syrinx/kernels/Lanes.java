package dev.syrinx.kernels;

/**
 * Whether and how wide Vector API bodies run. Mentions no class of the incubator module, so it may be asked before the module is known to
 * be there.
 */
public final class Lanes {
  /** System property that narrows the vectors (128, 256 or 512 bits), to test narrow machines on a wide one. */
  public static final String BITS_PROPERTY = "syrinx.vector.bits";

  private Lanes() {}

  /** Whether the module {@code jdk.incubator.vector} was added to this process. */
  public static boolean available() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  /** Vector width in bits; 0 without the module. */
  public static int bits() {
    return available() ? Species.F.vectorBitSize() : 0;
  }

  /** Why vector bodies do not run, and what to do; empty when they do. */
  public static String reason() {
    return available() ? "" : "the Vector API module is not loaded: start Java with '--add-modules jdk.incubator.vector'";
  }
}
