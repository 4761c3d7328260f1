package dev.syrinx.verify;

/**
 * How much of the contract one process checks: tools that watch every access make a run hundreds of times slower.
 *
 * @param brief whether each case is run once in each placement only, without poisoned inputs, repetition and outputs in the place of inputs: what accesses there are depends on
 *     shapes and places
 * @param part which of the parts, from 1; every case belongs to one of them
 * @param parts into how many the cases are dealt
 */
public record KernelCheckShare(boolean brief, int part, int parts) {
  /** Everything. */
  public static final KernelCheckShare WHOLE = new KernelCheckShare(false, 1, 1);

  /** @throws IllegalArgumentException for a part that there is not */
  public KernelCheckShare {
    if (parts < 1 || part < 1 || part > parts) {
      throw new IllegalArgumentException("part " + part + " of " + parts + ": parts are counted from 1, such as 3/8");
    }
  }

  /**
   * Reads a part.
   *
   * @param text such as 3/8
   * @throws IllegalArgumentException if it is none
   */
  public KernelCheckShare part(String text) {
    if (!text.matches("\\d{1,4}/\\d{1,4}")) {
      throw new IllegalArgumentException("'" + text + "' is no part; write 3/8 for the third of eight");
    }
    int slash = text.indexOf('/');
    return new KernelCheckShare(brief, Integer.parseInt(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /** Whether the case with this number belongs to it. */
  boolean has(int number) {
    return number % parts == part - 1;
  }
}
