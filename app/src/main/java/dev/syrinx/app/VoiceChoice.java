package dev.syrinx.app;

import dev.syrinx.synth.Engine;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Voice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** {@code --voice}: a shipped clip, a recording or a saved voice. Use as a {@code @Mixin}. */
public final class VoiceChoice {
  private static final String DEFAULT = "slt";
  private static final String SUFFIX = ".wav";
  private static final String PREPARED = ".voice";

  @Option(
      names = "--voice", paramLabel = "FILE|NAME",
      description = "A recording (WAV, MP3, FLAC, OGG; its first 15 s count), a voice saved by 'syrinx voice', or the name of a shipped clip: "
          + "slt, rms, awb (default: slt).")
  private String given;

  /**
   * The voice, prepared by the engine where it is a recording. Shipped clips come prepared for the embedded model.
   *
   * @throws CommandException.BadInput if there is no such file
   */
  public Voice voice(Engine engine, StageTimes times) {
    Path file = file();
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new CommandException.BadInput(
          "--voice " + file + ": no such file, or not readable; name a recording of a few seconds of speech, or one of " + shipped());
    }
    if (Voice.saved(file)) {
      return Voice.load(file);
    }
    return prepared().filter(engine::accepts).orElseGet(() -> engine.voice(file, times));
  }

  /** The file of the voice. */
  Path file() {
    String name = given == null ? DEFAULT : given;
    return clip().map(n -> clips().resolve(n + SUFFIX)).orElseGet(() -> Path.of(name));
  }

  /** The name of a shipped clip, if one was chosen. */
  private Optional<String> clip() {
    if (given == null) {
      return Optional.of(DEFAULT);
    }
    return !Files.exists(Path.of(given)) && shipped().contains(given) ? Optional.of(given) : Optional.empty();
  }

  /** Whether no recording has to be listened to, by the files' looks. */
  boolean prepared(boolean embedded) {
    return clip().isPresent() ? embedded && preparedFile().isPresent() : Files.isReadable(file()) && Voice.saved(file());
  }

  private Optional<Voice> prepared() {
    return preparedFile().map(Voice::load);
  }

  private Optional<Path> preparedFile() {
    return clip().map(n -> clips().resolve(n + PREPARED)).filter(Files::exists);
  }

  private static Path clips() {
    return EmbeddedVoice.folder("--voice FILE (--voices in bench study)").resolve("voices");
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
