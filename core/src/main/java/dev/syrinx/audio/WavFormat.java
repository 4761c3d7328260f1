package dev.syrinx.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * The {@code fmt } chunk of a WAV file.
 *
 * @param encoding of one sample
 * @param channels at least 1
 * @param sampleRate in Hz, within what resampling takes
 */
record WavFormat(SampleEncoding encoding, int channels, int sampleRate) {
  private static final int PCM = 1;
  private static final int FLOAT = 3;
  private static final int A_LAW = 6;
  private static final int MU_LAW = 7;
  private static final int EXTENSIBLE = 0xfffe;

  /** Codecs people meet in WAV files and that are not decoded here. */
  private static final Map<Integer, String> OTHER_CODECS =
      Map.of(
          0x0002, "Microsoft ADPCM",
          0x0011, "IMA ADPCM",
          0x0031, "GSM 6.10",
          0x0050, "MPEG audio",
          0x0055, "MP3",
          0x0092, "Dolby AC-3",
          0x00ff, "AAC",
          0x0161, "Windows Media Audio",
          0x2000, "Dolby AC-3",
          0xf1ac, "FLAC");

  /**
   * @param chunk the first bytes of the chunk, at least 14
   * @param name of the file, for messages
   */
  static WavFormat parse(byte[] chunk, String name) {
    ByteBuffer fields = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int tag = fields.getShort(0) & 0xffff;
    int channels = fields.getShort(2) & 0xffff;
    long rate = fields.getInt(4) & 0xffffffffL;
    int frameSize = fields.getShort(12) & 0xffff;
    int bits = chunk.length >= 16 ? fields.getShort(14) & 0xffff : 0;
    if (tag == EXTENSIBLE && chunk.length >= 26) {
      tag = fields.getShort(24) & 0xffff;
    }
    if (channels == 0) {
      throw new AudioException(name + ": the WAV header says 0 channels; the file is damaged, export it again");
    }
    SampleRates.check(rate, name);
    int declared = (bits + 7) / 8;
    int stored = frameSize % channels == 0 ? frameSize / channels : 0;
    // Samples may sit in wider containers (20 bits in 24): the frame size tells, unless it is nonsense.
    return new WavFormat(
        encoding(tag, bits, stored >= declared && stored <= 8 && stored > 0 ? stored : declared, name), channels, (int) rate);
  }

  private static SampleEncoding encoding(int tag, int bits, int bytes, String name) {
    if (tag == PCM && bytes >= 1 && bytes <= 4) {
      return new SampleEncoding[] {
        SampleEncoding.UNSIGNED_8, SampleEncoding.SIGNED_16, SampleEncoding.SIGNED_24, SampleEncoding.SIGNED_32
      }[bytes - 1];
    }
    if (tag == FLOAT && (bytes == 4 || bytes == 8)) {
      return bytes == 4 ? SampleEncoding.FLOAT_32 : SampleEncoding.FLOAT_64;
    }
    if ((tag == A_LAW || tag == MU_LAW) && bytes <= 1) {
      return tag == A_LAW ? SampleEncoding.A_LAW : SampleEncoding.MU_LAW;
    }
    String codec = tag == PCM ? "PCM" : tag == FLOAT ? "floating point" : OTHER_CODECS.getOrDefault(tag, "an unknown codec");
    throw new AudioException(
        "%s: WAV with %s (format 0x%04x, %d bits per sample) is not supported; %s".formatted(name, codec, tag, bits, Remedy.CONVERT));
  }

  int frameSize() {
    return encoding.size() * channels;
  }
}
