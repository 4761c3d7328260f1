package dev.syrinx.audio;

import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The synthetic tones of the test resources, by their formula, and WAV bytes around any samples. */
final class Tone {
  private Tone() {}

  static Path file(String name) {
    try {
      return Path.of(Tone.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** One channel of the tone, before rounding. */
  static float[] channel(int channel, int rate, double seconds) {
    int count = (int) (rate * seconds);
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      double fade = Math.min(1, Math.min(i, count - 1 - i) / (0.02 * rate));
      out[i] = (float) ((channel == 0 ? 0.5 : 0.25) * fade * Math.sin(2 * Math.PI * (channel == 0 ? 440 : 660) * i / rate));
    }
    return out;
  }

  /** A whole file: header, {@code fmt } chunk of 16 bytes, data. */
  static byte[] wav(int format, int channels, int rate, int bits, byte[] data) {
    int frame = channels * bits / 8;
    ByteBuffer b = ByteBuffer.allocate(44 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    b.put(ascii("RIFF")).putInt(36 + data.length).put(ascii("WAVEfmt ")).putInt(16);
    b.putShort((short) format).putShort((short) channels).putInt(rate).putInt(rate * frame).putShort((short) frame).putShort((short) bits);
    b.put(ascii("data")).putInt(data.length).put(data);
    return b.array();
  }

  /** 16-bit PCM of samples in ±1. */
  static byte[] wav16(int channels, int rate, float[] interleaved) {
    ByteBuffer data = ByteBuffer.allocate(2 * interleaved.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float sample : interleaved) {
      data.putShort((short) Math.round(sample * 32767));
    }
    return wav(1, channels, rate, 16, data.array());
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
