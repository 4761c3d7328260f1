package dev.syrinx.audio;

import java.io.IOException;
import java.util.Arrays;

/** One channel of a FLAC frame (RFC 9639, section 9.2): constant, verbatim, or a prediction and Rice-coded residuals. */
final class FlacSubframe {
  private static final long[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};
  private static final int ESCAPED_WIDTH_BITS = 5;

  private FlacSubframe() {}

  /**
   * @param depth bits per sample of this channel, 1 to 33
   * @param out receives {@code count} samples
   */
  static void decode(FlacBits bits, int depth, long[] out, int count) throws IOException {
    if (bits.unsigned(1) != 0) {
      throw new IOException("a damaged subframe");
    }
    int type = (int) bits.unsigned(6);
    long wasted = bits.unsigned(1) == 0 ? 0 : 1 + bits.unary();
    if (wasted >= depth) {
      throw new IOException("a damaged subframe: more wasted bits than there are");
    }
    int kept = depth - (int) wasted;
    if (type == 0) {
      Arrays.fill(out, 0, count, bits.signed(kept));
    } else if (type == 1) {
      warmUp(bits, kept, out, count);
    } else if (type >= 8 && type <= 12) {
      predicted(bits, kept, out, count, FIXED[type - 8].length, true);
    } else if (type >= 32) {
      predicted(bits, kept, out, count, type - 31, false);
    } else {
      throw new IOException("a subframe of reserved type " + type);
    }
    for (int i = 0; wasted > 0 && i < count; i++) {
      out[i] <<= wasted;
    }
  }

  private static void warmUp(FlacBits bits, int depth, long[] out, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      out[i] = bits.signed(depth);
    }
  }

  private static void predicted(FlacBits bits, int depth, long[] out, int count, int order, boolean fixed) throws IOException {
    if (order > count) {
      throw new IOException("a predictor of order " + order + " in a block of " + count);
    }
    warmUp(bits, depth, out, order);
    long[] weights = fixed ? FIXED[order] : new long[order];
    int shift = 0;
    if (!fixed) {
      int precision = (int) bits.unsigned(4) + 1;
      shift = (int) bits.signed(5);
      if (precision == 16 || shift < 0) {
        throw new IOException("a damaged predictor");
      }
      for (int i = 0; i < order; i++) {
        weights[i] = bits.signed(precision);
      }
    }
    residuals(bits, out, count, order);
    for (int i = order; i < count; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += weights[j] * out[i - 1 - j];
      }
      out[i] += sum >> shift;
    }
  }

  private static void residuals(FlacBits bits, long[] out, int count, int order) throws IOException {
    int method = (int) bits.unsigned(2);
    int partitions = 1 << bits.unsigned(4);
    if (method > 1 || count % partitions != 0 || count / partitions < order) {
      throw new IOException("damaged residuals");
    }
    int parameterBits = 4 + method;
    int escape = (1 << parameterBits) - 1;
    int at = order;
    for (int p = 1; p <= partitions; p++) {
      int end = p * (count / partitions);
      int parameter = (int) bits.unsigned(parameterBits);
      int width = parameter == escape ? (int) bits.unsigned(ESCAPED_WIDTH_BITS) : 0;
      for (; at < end; at++) {
        out[at] = parameter == escape ? bits.signed(width) : rice(bits, parameter);
      }
    }
  }

  private static long rice(FlacBits bits, int parameter) throws IOException {
    long folded = bits.unary() << parameter | bits.unsigned(parameter);
    return folded >>> 1 ^ -(folded & 1);
  }
}
