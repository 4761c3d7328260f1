package dev.syrinx.audio;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;

/** ID3v2 tags, which stand before MP3 and sometimes before other audio; a cover picture may make them megabytes long. */
final class Id3 {
  private static final int HEADER = 10;

  private Id3() {}

  /**
   * Moves past any tags at the front.
   *
   * @return whether there were some
   */
  static boolean skip(BufferedInputStream in) throws IOException {
    for (boolean found = false; ; found = true) {
      in.mark(HEADER);
      byte[] head = in.readNBytes(HEADER);
      boolean tag =
          head.length == HEADER && head[0] == 'I' && head[1] == 'D' && head[2] == '3' && ((head[6] | head[7] | head[8] | head[9]) >= 0);
      if (!tag) {
        in.reset();
        return found;
      }
      int size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
      boolean footer = (head[5] & 0x10) != 0;
      try {
        in.skipNBytes(size + (footer ? HEADER : 0));
      } catch (EOFException e) {
        return true; // nothing is left, which whoever reads on will say
      }
    }
  }
}
