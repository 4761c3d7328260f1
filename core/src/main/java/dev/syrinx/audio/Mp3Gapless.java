package dev.syrinx.audio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * What an MP3 encoder says, in a silent first frame (Xing/Info with the LAME extension), about the silence that it had to add.
 * Without it a clip would begin some 50 ms late and be longer than what was encoded.
 *
 * @param infoFrame whether the first frame is such a note and holds no sound
 * @param skipped samples to drop at the start
 * @param length samples to keep after that, {@code Long.MAX_VALUE} if not told
 */
record Mp3Gapless(boolean infoFrame, long skipped, long length) {
  private static final Mp3Gapless NONE = new Mp3Gapless(false, 0, Long.MAX_VALUE);
  /** Every decoder is late by this many samples. */
  private static final int DECODER_DELAY = 529;

  private static final int PEEKED = 256;
  private static final int HAS_FRAMES = 1;
  private static final int HAS_BYTES = 2;
  private static final int HAS_TABLE = 4;
  private static final int HAS_QUALITY = 8;
  private static final int TABLE_BYTES = 100;
  /** From the encoder's name to the 24 bits of delay and padding. */
  private static final int DELAY_OFFSET = 21;

  /** Looks at the frame that comes next without consuming it. */
  static Mp3Gapless peek(BufferedInputStream in) throws IOException {
    in.mark(PEEKED);
    byte[] frame = in.readNBytes(PEEKED);
    in.reset();
    return frame.length < PEEKED ? NONE : parse(frame);
  }

  private static Mp3Gapless parse(byte[] frame) {
    boolean mpeg1 = (frame[1] & 0x18) == 0x18;
    boolean layer3 = (frame[1] & 0x06) == 0x02;
    boolean mono = (frame[3] & 0xc0) == 0xc0;
    int at = 4 + (mpeg1 ? (mono ? 17 : 32) : (mono ? 9 : 17));
    String tag = new String(frame, at, 4, StandardCharsets.ISO_8859_1);
    if (!layer3 || !(tag.equals("Xing") || tag.equals("Info"))) {
      return NONE;
    }
    int flags = frame[at + 7];
    long frames = (flags & HAS_FRAMES) != 0 ? big32(frame, at + 8) : 0;
    int encoder = at + 8 + ((flags & HAS_FRAMES) != 0 ? 4 : 0) + ((flags & HAS_BYTES) != 0 ? 4 : 0);
    encoder += ((flags & HAS_TABLE) != 0 ? TABLE_BYTES : 0) + ((flags & HAS_QUALITY) != 0 ? 4 : 0);
    if (frames == 0 || frame[encoder] == 0) {
      return new Mp3Gapless(true, 0, Long.MAX_VALUE);
    }
    int packed = (int) (big32(frame, encoder + DELAY_OFFSET) >> 8);
    int delay = packed >> 12;
    long length = frames * (mpeg1 ? 1152 : 576) - delay - (packed & 0xfff);
    return length > 0 ? new Mp3Gapless(true, delay + DECODER_DELAY, length) : new Mp3Gapless(true, 0, Long.MAX_VALUE);
  }

  private static long big32(byte[] b, int at) {
    return (b[at] & 0xffL) << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | (b[at + 3] & 0xff);
  }
}
