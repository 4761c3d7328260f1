package dev.syrinx.decode;

/**
 * How keys and values are kept. The choice changes nothing in what is said.
 *
 * @param layout how sequences share memory
 * @param blockSize positions of a block of the paged layout, 16 to 256
 */
public record KvOptions(Layout layout, int blockSize) {
  /** How sequences share memory. */
  public enum Layout {
    /** Blocks: beams and sequences share those of a common past. */
    PAGED,
    /** One run of memory for each beam, as long as it may get; beams that continue the same one are copied whole. */
    CONTIGUOUS
  }

  private static final KvOptions DEFAULTS = new KvOptions(Layout.PAGED, 16);

  /** @throws IllegalArgumentException if the block size is out of range */
  public KvOptions {
    if (blockSize < 16 || blockSize > 256) {
      throw new IllegalArgumentException("block size must be 16 to 256, got " + blockSize);
    }
  }

  /** Paged, blocks of 16. */
  public static KvOptions defaults() {
    return DEFAULTS;
  }

  public KvOptions withLayout(Layout value) {
    return new KvOptions(value, blockSize);
  }

  public KvOptions withBlockSize(int value) {
    return new KvOptions(layout, value);
  }
}
