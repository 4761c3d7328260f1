package dev.syrinx.audio;

/** What to do about input that cannot be taken, in the words of every message. */
final class Remedy {
  static final String CONVERT = "convert it to 16-bit PCM WAV, for example: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav";
  static final String RECORD = "use a recording of a few seconds of clear speech";

  private Remedy() {}
}
