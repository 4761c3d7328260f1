package dev.syrinx.audio;

/** How one sample stands in a file, little-endian. Integers are scaled by a power of two, so that −1 is the lowest code. */
enum SampleEncoding {
  UNSIGNED_8(1) {
    @Override
    float decode(byte[] b, int at) {
      return ((b[at] & 0xff) - 128) / 128f;
    }
  },
  SIGNED_16(2) {
    @Override
    float decode(byte[] b, int at) {
      return (short) ((b[at] & 0xff) | (b[at + 1] << 8)) / 32768f;
    }
  },
  SIGNED_24(3) {
    @Override
    float decode(byte[] b, int at) {
      return ((b[at] & 0xff) | ((b[at + 1] & 0xff) << 8) | (b[at + 2] << 16)) / 0x1p23f;
    }
  },
  SIGNED_32(4) {
    @Override
    float decode(byte[] b, int at) {
      return int32(b, at) / 0x1p31f;
    }
  },
  FLOAT_32(4) {
    @Override
    float decode(byte[] b, int at) {
      return Float.intBitsToFloat(int32(b, at));
    }
  },
  FLOAT_64(8) {
    @Override
    float decode(byte[] b, int at) {
      return (float) Double.longBitsToDouble((int32(b, at) & 0xffffffffL) | ((long) int32(b, at + 4) << 32));
    }
  },
  A_LAW(1) {
    @Override
    float decode(byte[] b, int at) {
      int code = (b[at] ^ 0x55) & 0xff;
      int exponent = code >> 4 & 7;
      int mantissa = ((code << 4) & 0xf0) | 8;
      int magnitude = exponent == 0 ? mantissa : (mantissa | 0x100) << (exponent - 1);
      return (code >= 128 ? magnitude : -magnitude) / 32768f;
    }
  },
  MU_LAW(1) {
    @Override
    float decode(byte[] b, int at) {
      int code = ~b[at] & 0xff;
      int magnitude = (((code << 3 & 0x78) | 0x84) << (code >> 4 & 7)) - 0x84;
      return (code < 128 ? magnitude : -magnitude) / 32768f;
    }
  };

  private final int size;

  SampleEncoding(int size) {
    this.size = size;
  }

  /** Bytes per sample. */
  int size() {
    return size;
  }

  abstract float decode(byte[] bytes, int at);

  private static int int32(byte[] b, int at) {
    return (b[at] & 0xff) | ((b[at + 1] & 0xff) << 8) | ((b[at + 2] & 0xff) << 16) | (b[at + 3] << 24);
  }
}
