package dev.syrinx.audio;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class WavSourceTest {
  private static final int PCM = 1;
  private static final int FLOAT = 3;

  private static AudioClip read(byte[] file) {
    return AudioReader.readMono(new ByteArrayInputStream(file), "test.wav", 1000);
  }

  private static String refusal(byte[] file) {
    return assertThrows(AudioException.class, () -> read(file)).getMessage();
  }

  @Test
  void integerFormats() {
    assertArrayEquals(new float[] {-1f, 0f, 127 / 128f}, read(Tone.wav(PCM, 1, 8000, 8, bytes(0, 128, 255))).samples());
    assertArrayEquals(
        new float[] {-1f, 1 / 32768f, -1 / 32768f}, read(Tone.wav(PCM, 1, 8000, 16, bytes(0, 0x80, 1, 0, 0xff, 0xff))).samples());
    assertArrayEquals(new float[] {-1f, 1 / 8388608f}, read(Tone.wav(PCM, 1, 8000, 24, bytes(0, 0, 0x80, 1, 0, 0))).samples());
    assertArrayEquals(new float[] {-1f, 0.5f}, read(Tone.wav(PCM, 1, 8000, 32, bytes(0, 0, 0, 0x80, 0, 0, 0, 0x40))).samples());
  }

  @Test
  void floatFormats() {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putFloat(0.25f).putFloat(-3f);
    assertArrayEquals(new float[] {0.25f, -3f}, read(Tone.wav(FLOAT, 1, 8000, 32, Arrays.copyOf(data.array(), 8))).samples());
    data.clear().putDouble(0.1).putDouble(-0.2);
    assertArrayEquals(new float[] {0.1f, -0.2f}, read(Tone.wav(FLOAT, 1, 8000, 64, data.array())).samples());
  }

  @Test
  void logarithmicCodesAtTheirEnds() {
    assertArrayEquals(
        new float[] {-32124 / 32768f, 0f, 32124 / 32768f, 0f}, read(Tone.wav(7, 1, 8000, 8, bytes(0, 0x7f, 0x80, 0xff))).samples());
    assertArrayEquals(
        new float[] {-8 / 32768f, 8 / 32768f, 32256 / 32768f}, read(Tone.wav(6, 1, 8000, 8, bytes(0x55, 0xd5, 0xaa))).samples());
  }

  @Test
  void manyChannelsAreAveraged() {
    int channels = 40000;
    byte[] data = new byte[2 * channels];
    Arrays.fill(data, (byte) 128);
    Arrays.fill(data, channels, data.length, (byte) 192);
    assertArrayEquals(new float[] {0f, 0.5f}, read(Tone.wav(PCM, channels, 8000, 8, data)).samples());
  }

  @Test
  void extensibleWithTwentyBitsInThreeBytes() throws IOException {
    ByteBuffer format = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    format.putShort((short) 0xfffe).putShort((short) 1).putInt(8000).putInt(24000).putShort((short) 3).putShort((short) 20);
    format.putShort((short) 22).putShort((short) 20).putInt(4).putShort((short) 1);
    byte[] file = riff(chunk("fmt ", format.array()), chunk("data", bytes(0, 0, 0xc0)));
    assertArrayEquals(new float[] {-0.5f}, read(file).samples());
  }

  @Test
  void oddChunksInFrontAndBehind() throws IOException {
    byte[] format = Arrays.copyOfRange(Tone.wav(PCM, 1, 8000, 16, new byte[0]), 20, 36);
    byte[] file = riff(
        chunk("JUNK", new byte[7]), chunk("fmt ", format), chunk("LIST", new byte[5]), chunk("data", bytes(0, 0x40)),
        chunk("id3 ", new byte[9]));
    assertArrayEquals(new float[] {0.5f}, read(file).samples());
  }

  @Test
  void sizeLeftOpenByAStreamingRecorder() {
    for (int size : new int[] {0, -1}) {
      byte[] file = Tone.wav(PCM, 1, 8000, 16, bytes(0, 0x40, 0, 0xc0));
      ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, size).putInt(40, size);
      assertArrayEquals(new float[] {0.5f, -0.5f}, read(file).samples());
    }
  }

  @Test
  void truncatedDataIsReadAsFarAsItGoesAndRemarked() throws IOException {
    byte[] file = Arrays.copyOf(Tone.wav(PCM, 1, 8000, 16, bytes(0, 0x40, 0, 0xc0, 0, 0)), 49);
    WavSource source = new WavSource(new ByteArrayInputStream(file), "cut.wav");
    float[] out = new float[8];
    assertEquals(2, source.read(out, 8));
    assertEquals(0.5f, out[0]);
    assertEquals(0, source.read(out, 8));
    assertTrue(source.remark().contains("truncated"), source.remark());
  }

  @Test
  void headersThatEndEarlyOrLie() throws IOException {
    byte[] whole = Tone.wav(PCM, 1, 8000, 16, bytes(1, 2));
    assertTrue(refusal(Arrays.copyOf(whole, 30)).contains("truncated"));
    assertTrue(refusal(Arrays.copyOf(whole, 38)).contains("ends before the 'data' chunk"));
    assertTrue(refusal(Arrays.copyOf(whole, 44)).contains("holds no samples"));
    assertTrue(refusal(Tone.wav(PCM, 0, 8000, 16, bytes(1, 2))).contains("0 channels"));
    assertTrue(refusal(Tone.wav(PCM, 1, 0, 16, bytes(1, 2))).contains("sample rate of 0 Hz"));
    assertTrue(refusal(Tone.wav(PCM, 1, -1, 16, bytes(1, 2))).contains("4294967295 Hz"));
    assertTrue(refusal(Tone.wav(PCM, 1, 8000, 128, bytes(1, 2))).contains("128 bits"));
    assertTrue(refusal(riff(chunk("data", bytes(1, 2)))).contains("no 'fmt ' chunk"));
    byte[] huge = riff(chunk("JUNK", new byte[2]));
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putInt(16, -2);
    assertTrue(refusal(huge).contains("truncated"));
  }

  /** An hour of 48 kHz stereo that exists only as a stream: no more of it may be taken than asked for. */
  @Test
  void anHourIsReadOnlyAsFarAsNeeded() {
    byte[] head = Arrays.copyOf(Tone.wav(PCM, 2, 48000, 16, new byte[0]), 44);
    ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).putInt(40, 3600 * 48000 * 4);
    long[] taken = {0};
    InputStream hour =
        new InputStream() {
          @Override
          public int read() {
            return taken[0] < head.length ? head[(int) taken[0]++] & 0xff : (int) (taken[0]++ * 31 % 251);
          }

          @Override
          public int read(byte[] bytes, int offset, int length) {
            for (int i = 0; i < length; i++) {
              bytes[offset + i] = (byte) read();
            }
            return length;
          }
        };
    AudioClip clip = AudioReader.readMono(hour, "hour.wav", 15.5);
    assertEquals(15.5, clip.seconds());
    assertTrue(taken[0] < 16 * 48000 * 4, () -> taken[0] + " bytes");
  }

  private static byte[] bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return out;
  }

  private static byte[] chunk(String id, byte[] body) {
    ByteBuffer b = ByteBuffer.allocate(8 + body.length + (body.length & 1)).order(ByteOrder.LITTLE_ENDIAN);
    return b.put(Tone.ascii(id)).putInt(body.length).put(body).array();
  }

  private static byte[] riff(byte[]... chunks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Tone.ascii("RIFF\0\0\0\0WAVE"));
    for (byte[] chunk : chunks) {
      out.writeBytes(chunk);
    }
    return out.toByteArray();
  }
}
