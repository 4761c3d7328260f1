package dev.syrinx.audio;

/** Makes the checksums of edited OGG pages right again, so that an edit reaches the code behind the check. */
final class OggChecksum {
  private static final int HEADER = 27;
  private static final int CHECKSUM_AT = 22;
  private static final int POLYNOMIAL = 0x04c11db7;

  private OggChecksum() {}

  static void repair(byte[] file) {
    for (int at = 0; at + HEADER <= file.length; at++) {
      if (file[at] == 'O' && file[at + 1] == 'g' && file[at + 2] == 'g' && file[at + 3] == 'S') {
        repairPage(file, at);
      }
    }
  }

  private static void repairPage(byte[] file, int at) {
    int segments = file[at + HEADER - 1] & 0xff;
    int length = HEADER + segments;
    for (int i = 0; i < segments && at + HEADER + i < file.length; i++) {
      length += file[at + HEADER + i] & 0xff;
    }
    java.util.Arrays.fill(file, at + CHECKSUM_AT, at + CHECKSUM_AT + 4, (byte) 0);
    int crc = 0;
    for (int i = at; i < Math.min(file.length, at + length); i++) {
      crc ^= (file[i] & 0xff) << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ (crc < 0 ? POLYNOMIAL : 0);
      }
    }
    for (int i = 0; i < 4; i++) {
      file[at + CHECKSUM_AT + i] = (byte) (crc >>> (8 * i));
    }
  }
}
