package dev.syrinx.audio;

import java.nio.charset.StandardCharsets;

/** What the first bytes of a file say it is. */
enum ContainerKind {
  WAV("WAV"),
  MP3("MP3"),
  FLAC("FLAC"),
  OGG_VORBIS("OGG Vorbis"),
  OGG_OPUS("OGG Opus"),
  OGG_OTHER("OGG with a codec other than Vorbis"),
  BIG_ENDIAN_WAV("big-endian WAV (RIFX)"),
  WAVE_64("Sony Wave64"),
  AIFF("AIFF"),
  AU("Sun AU"),
  CAF("Apple CAF"),
  MP4("MP4/M4A"),
  AAC("AAC (ADTS)"),
  MATROSKA("Matroska/WebM"),
  ASF("ASF/WMA"),
  AMR("AMR"),
  WAVPACK("WavPack"),
  MONKEYS_AUDIO("Monkey's Audio"),
  MIDI("MIDI (notes, no sound)"),
  NOT_AUDIO("not audio");

  /** Bytes that are enough to tell. */
  static final int SNIFFED = 64;

  private final String title;

  ContainerKind(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** @param head the first bytes after any ID3 tag, up to {@link #SNIFFED} */
  static ContainerKind of(byte[] head) {
    String text = new String(head, StandardCharsets.ISO_8859_1);
    String magic = text.substring(0, Math.min(4, text.length()));
    return switch (magic) {
      case "RIFF", "RF64", "BW64" -> text.startsWith("WAVE", 8) ? WAV : NOT_AUDIO;
      case "OggS" -> ogg(text);
      case "fLaC" -> FLAC;
      case "RIFX" -> BIG_ENDIAN_WAV;
      case "riff" -> WAVE_64;
      case "FORM" -> text.startsWith("AIF", 8) ? AIFF : NOT_AUDIO;
      case ".snd" -> AU;
      case "caff" -> CAF;
      case "\u001aE\u00df\u00a3" -> MATROSKA;
      case "0&\u00b2u" -> ASF;
      case "#!AM" -> AMR;
      case "wvpk" -> WAVPACK;
      case "MAC " -> MONKEYS_AUDIO;
      case "MThd" -> MIDI;
      default -> text.startsWith("ftyp", 4) ? MP4 : mpeg(head);
    };
  }

  private static ContainerKind ogg(String text) {
    if (text.contains("\u0001vorbis")) {
      return OGG_VORBIS;
    }
    return text.contains("OpusHead") ? OGG_OPUS : OGG_OTHER;
  }

  private static ContainerKind mpeg(byte[] head) {
    if (head.length < 4 || (head[0] & 0xff) != 0xff || (head[1] & 0xe0) != 0xe0) {
      return NOT_AUDIO;
    }
    if ((head[1] & 0xf6) == 0xf0) {
      return AAC;
    }
    boolean version = (head[1] & 0x18) != 0x08;
    boolean layer = (head[1] & 0x06) != 0;
    boolean bitRate = (head[2] & 0xf0) != 0xf0;
    boolean sampleRate = (head[2] & 0x0c) != 0x0c;
    return version && layer && bitRate && sampleRate ? MP3 : NOT_AUDIO;
  }
}
