package dev.syrinx.kernels;

/** A call that does not fit its kernel's declaration. */
public final class KernelArgumentException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public KernelArgumentException(String kernel, String param, String problem) {
    super("kernel " + kernel + ": parameter '" + param + "' " + problem);
  }
}
