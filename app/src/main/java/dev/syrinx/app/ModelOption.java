package dev.syrinx.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --model}: a folder in the official layout. Use as a {@code @Mixin}. */
public final class ModelOption {
  @Option(names = "--model", paramLabel = "DIR", description = "Folder of an IndexTTS-2 model in the official layout.")
  private Path given;

  /** The folder if one was given. */
  public Optional<Path> given() {
    return Optional.ofNullable(given);
  }

  /**
   * The folder given, or the embedded small voice: say so with {@link #notice}.
   *
   * @throws CommandException.BadInput if what was given is no folder
   */
  public Path folder() {
    if (given == null) {
      return EmbeddedVoice.folder("--model FOLDER");
    }
    if (!Files.isDirectory(given)) {
      String wrong = Files.exists(given) ? " is a file" : " does not exist";
      throw new CommandException.BadInput("--model " + given + wrong + ": name the folder that holds config.yaml and gpt.pth");
    }
    return given;
  }

  /** What a user must know about the default model; empty if one was given. */
  public Optional<String> notice() {
    return given != null
        ? Optional.empty()
        : Optional.of("no --model given: the embedded small voice speaks everyday English; other models sound better");
  }
}
