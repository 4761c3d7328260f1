package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.TextModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The precompiled character conversion of a model (NFKC and the like): a double-array trie over UTF-8 bytes whose values are offsets of
 * zero-ended replacements. Layout: u32 size of the trie in bytes, the trie in u32 units, the replacements.
 *
 * <p>Unit layout as in Darts-clone: bit 31 marks a leaf (bits 0..30 its value); otherwise bits 0..7 are the label, bit 8 tells that a leaf
 * follows, bits 10..30 are the offset, shifted left by 8 if bit 9 is set.
 */
final class Charsmap {
  private static final Charsmap NONE = new Charsmap("", new int[0], new byte[0]);
  /** NFKC's longest replacement has 33 bytes; the limit keeps a hostile file from blowing up a text. */
  private static final int MAX_REPLACEMENT = 256;

  private final String file;
  private final int[] units;
  private final byte[] replacements;

  private Charsmap(String file, int[] units, byte[] replacements) {
    this.file = file;
    this.units = units;
    this.replacements = replacements;
  }

  static Charsmap none() {
    return NONE;
  }

  static Charsmap parse(byte[] blob, String file) {
    if (blob.length == 0) {
      return NONE;
    }
    ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    int trieBytes = blob.length < 4 ? -1 : in.getInt();
    if (trieBytes < 4 || trieBytes % 4 != 0 || trieBytes > in.remaining()) {
      throw new TextModelException(file, "its character conversion of " + blob.length + " bytes claims a trie of "
          + Integer.toUnsignedString(trieBytes), ModelParser.REMEDY);
    }
    int[] units = new int[trieBytes / 4];
    in.asIntBuffer().get(units);
    byte[] replacements = java.util.Arrays.copyOfRange(blob, 4 + trieBytes, blob.length);
    if (replacements.length == 0 || replacements[replacements.length - 1] != 0) {
      throw new TextModelException(file, "the replacements of its character conversion do not end with a zero", ModelParser.REMEDY);
    }
    return new Charsmap(file, units, replacements);
  }

  /** The longest key that the bytes begin with, as {@code (value << 32) | length}; 0 if there is none. */
  long longestPrefix(byte[] text, int start) {
    if (units.length == 0) {
      return 0;
    }
    long found = 0;
    int node = offset(units[0]);
    for (int i = start; i < text.length; i++) {
      int label = text[i] & 0xff;
      node ^= label;
      int unit = unit(node);
      if ((unit & 0x800000ff) != label) {
        break;
      }
      node ^= offset(unit);
      if ((unit >>> 8 & 1) == 1) {
        found = (long) (unit(node) & 0x7fffffff) << 32 | (i + 1 - start);
      }
    }
    return found;
  }

  /** The replacement that a value of {@link #longestPrefix} stands for, as a range of {@link #bytes()}: {@code (start << 32) | end}. */
  long replacement(long prefix) {
    int start = (int) (prefix >>> 32);
    int end = start;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    if (start >= replacements.length || end - start > MAX_REPLACEMENT) {
      throw new TextModelException(file, "its character conversion points to byte " + start + " of " + replacements.length
          + " replacement bytes, where no sensible replacement stands", ModelParser.REMEDY);
    }
    return (long) start << 32 | end;
  }

  byte[] bytes() {
    return replacements;
  }

  private int unit(int node) {
    if (node < 0 || node >= units.length) {
      throw new TextModelException(file, "its character conversion points to unit " + node + " of " + units.length, ModelParser.REMEDY);
    }
    return units[node];
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
