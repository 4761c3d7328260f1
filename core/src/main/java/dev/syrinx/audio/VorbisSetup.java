package dev.syrinx.audio;

import java.io.IOException;

/**
 * Walks the first and third header of a Vorbis stream before the decoder does, and refuses sizes that no encoder writes: JOrbis
 * allocates whatever they say. Names and layout: Vorbis I specification, section 4.2.
 */
final class VorbisSetup {
  private static final int MAGIC_BITS = 7 * 8;
  private static final int CODEBOOK_SYNC = 0x564342;
  private static final int MOST_ENTRIES = 1 << 16;
  private static final int MOST_VALUES = 1 << 18;
  private static final int SMALLEST_BLOCK = 6;
  private static final int LARGEST_BLOCK = 13;

  private final VorbisBits bits;
  private int[] dimensions = new int[0];

  private VorbisSetup(VorbisBits bits) {
    this.bits = bits;
  }

  /** Checks the identification header. */
  static void checkIdentification(byte[] packet, int from, int length) throws IOException {
    VorbisBits bits = new VorbisBits(packet, from, length);
    bits.skip(MAGIC_BITS + 32);
    long channels = bits.read(8);
    bits.skip(4 * 32);
    long small = bits.read(4);
    long large = bits.read(4);
    require(channels > 0 && small >= SMALLEST_BLOCK && small <= large && large <= LARGEST_BLOCK, "block sizes");
  }

  /** Checks the setup header as far as its residues; what follows is small. */
  static void checkSetup(byte[] packet, int from, int length) throws IOException {
    VorbisSetup setup = new VorbisSetup(new VorbisBits(packet, from, length));
    setup.bits.skip(MAGIC_BITS);
    setup.codebooks();
    setup.bits.skip(16 * (setup.bits.read(6) + 1));
    setup.floors();
    setup.residues();
  }

  private static void require(boolean condition, String what) throws IOException {
    if (!condition) {
      throw new IOException("impossible " + what);
    }
  }

  private void codebooks() throws IOException {
    dimensions = new int[(int) bits.read(8) + 1];
    for (int book = 0; book < dimensions.length; book++) {
      require(bits.read(24) == CODEBOOK_SYNC, "codebook " + book);
      dimensions[book] = (int) bits.read(16);
      int entries = (int) bits.read(24);
      boolean sizes = dimensions[book] > 0 && entries > 0 && entries <= MOST_ENTRIES && (long) entries * dimensions[book] <= MOST_VALUES;
      require(sizes, "size of codebook " + book);
      codewordLengths(entries);
      lookup(entries, dimensions[book]);
    }
  }

  private void codewordLengths(int entries) throws IOException {
    if (bits.read(1) == 1) {
      bits.skip(5);
      for (int done = 0; done < entries; ) {
        long count = bits.read(32 - Integer.numberOfLeadingZeros(entries - done));
        require(count <= entries - done, "codeword lengths");
        done += (int) count;
      }
      return;
    }
    boolean sparse = bits.read(1) == 1;
    for (int i = 0; i < entries; i++) {
      if (!sparse || bits.read(1) == 1) {
        bits.skip(5);
      }
    }
  }

  private void lookup(int entries, int dimension) throws IOException {
    long type = bits.read(4);
    require(type <= 2, "lookup type");
    if (type == 0) {
      return;
    }
    bits.skip(64);
    long width = bits.read(4) + 1;
    bits.skip(1);
    bits.skip(width * (type == 1 ? root(entries, dimension) : (long) entries * dimension));
  }

  /** The largest number whose power {@code exponent} does not exceed {@code value}. */
  private static long root(int value, int exponent) {
    int root = (int) Math.floor(Math.pow(value, 1.0 / exponent)) + 1;
    while (Math.pow(root, exponent) > value) {
      root--;
    }
    return root;
  }

  private void floors() throws IOException {
    long count = bits.read(6) + 1;
    for (int i = 0; i < count; i++) {
      long type = bits.read(16);
      require(type <= 1, "floor type");
      if (type == 0) {
        bits.skip(8 + 16 + 16 + 6 + 8);
        bits.skip(8 * (bits.read(4) + 1));
      } else {
        floor1();
      }
    }
  }

  private void floor1() throws IOException {
    int[] classOf = new int[(int) bits.read(5)];
    int classes = 0;
    for (int i = 0; i < classOf.length; i++) {
      classOf[i] = (int) bits.read(4);
      classes = Math.max(classes, classOf[i] + 1);
    }
    long[] size = new long[classes];
    for (int i = 0; i < classes; i++) {
      size[i] = bits.read(3) + 1;
      long subclasses = bits.read(2);
      bits.skip((subclasses > 0 ? 8 : 0) + (8L << subclasses));
    }
    bits.skip(2);
    long width = bits.read(4);
    for (int ofPartition : classOf) {
      bits.skip(width * size[ofPartition]);
    }
  }

  private void residues() throws IOException {
    long count = bits.read(6) + 1;
    for (int i = 0; i < count; i++) {
      require(bits.read(16) <= 2, "residue type");
      long begin = bits.read(24);
      long end = bits.read(24);
      bits.skip(24);
      int partitions = (int) bits.read(6) + 1;
      int book = (int) bits.read(8);
      require(begin <= end && end <= MOST_VALUES && book < dimensions.length, "residue");
      require(Math.pow(partitions, dimensions[book]) <= MOST_ENTRIES, "residue classes");
      int cascades = 0;
      for (int p = 0; p < partitions; p++) {
        cascades += Long.bitCount(bits.read(3));
        cascades += bits.read(1) == 1 ? Long.bitCount(bits.read(5)) : 0;
      }
      bits.skip(8L * cascades);
    }
  }
}
