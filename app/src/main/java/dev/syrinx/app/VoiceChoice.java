package dev.syrinx.app;

import dev.syrinx.synth.Engine;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Voice;
import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** {@code --voice}: a shipped clip, a recording or a saved voice. Use as a {@code @Mixin}. */
public final class VoiceChoice {
  private static final String DEFAULT = "slt";
  private static final String SUFFIX = ".wav";

  @Option(
      names = "--voice", paramLabel = "FILE|NAME",
      description = "A recording (WAV, MP3, FLAC, OGG; its first 15 s count), a voice saved by 'syrinx voice', or the name of a shipped clip: "
          + "slt, rms, awb (default: slt).")
  private String given;

  /**
   * The voice, prepared by the engine where it is a recording.
   *
   * @throws CommandException.BadInput if there is no such file
   */
  public Voice voice(Engine engine, StageTimes times) {
    Path file = file();
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new CommandException.BadInput(
          "--voice " + file + ": no such file, or not readable; name a recording of a few seconds of speech, or one of " + shipped());
    }
    return Voice.saved(file) ? Voice.load(file) : engine.voice(file, times);
  }

  private Path file() {
    String name = given == null ? DEFAULT : given;
    boolean clip = given == null || !Files.exists(Path.of(given)) && shipped().contains(given);
    return clip ? clips().resolve(name + SUFFIX) : Path.of(name);
  }

  private static Path clips() {
    return TestData.folder(TestData.VOICE_EN).resolve("voices");
  }

  /** The clips that come with the program, in the order of their names. */
  static List<Path> shippedClips() {
    return shipped().stream().map(name -> clips().resolve(name + SUFFIX)).toList();
  }

  /** Names of the clips that come with the program. */
  static List<String> shipped() {
    try (Stream<Path> files = Files.list(clips())) {
      return files.map(f -> f.getFileName().toString()).filter(f -> f.endsWith(SUFFIX)).map(f -> f.substring(0, f.length() - SUFFIX.length()))
          .sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("the shipped voices cannot be read", e);
    }
  }
}
