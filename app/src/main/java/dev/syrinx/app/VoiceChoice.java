package dev.syrinx.app;

import dev.syrinx.synth.Engine;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Voice;
import dev.syrinx.testdata.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --voice}: a recording or a saved voice. Use as a {@code @Mixin}. */
public final class VoiceChoice {
  @Option(
      names = "--voice", paramLabel = "FILE",
      description = "A recording (WAV, MP3, FLAC, OGG; its first 15 s count) or a voice saved by 'syrinx voice' (default: a short clip).")
  private Path given;

  /**
   * The voice, prepared by the engine where it is a recording.
   *
   * @throws CommandException.BadInput if there is no such file
   */
  public Voice voice(Engine engine, StageTimes times) {
    Path file = given == null ? TestData.folder(TestData.TINY_A).resolve("golden/prompt.wav") : given;
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new CommandException.BadInput(
          "--voice " + file + ": no such file, or not readable; name a recording of a few seconds of speech");
    }
    return Voice.saved(file) ? Voice.load(file) : engine.voice(file, times);
  }
}
