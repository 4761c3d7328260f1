package dev.syrinx.app;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import picocli.CommandLine.Option;

/** {@code --profile}: a recording of the Java Flight Recorder around a command. Use as a {@code @Mixin}. */
public final class ProfileOption {
  @Option(
      names = "--profile", paramLabel = "FILE.jfr",
      description = "Record stages, steps and kernels, and what the JVM did, for JDK Mission Control, 'jfr view' and the like.")
  private Path file;

  /** A recording that is written when it is closed; none if nobody asked for one. */
  interface Profile extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins to record if that was asked for.
   *
   * @throws CommandException.BadOutput if the file cannot be written, as far as that can be known before; else when it is closed
   */
  public Profile open() {
    if (file == null) {
      return () -> {};
    }
    new Output(file.toString()).check();
    Recording recording = started();
    return () -> {
      try (recording) {
        recording.stop();
        recording.dump(file);
      } catch (IOException e) {
        throw new CommandException.BadOutput("cannot write --profile " + file + ": " + Output.reason(e), e);
      }
    };
  }

  private static Recording started() {
    try {
      Recording recording = new Recording(Configuration.getConfiguration("default"));
      recording.start();
      return recording;
    } catch (IOException | ParseException e) {
      throw new IllegalStateException("the JDK's own configuration of its recorder cannot be read", e);
    }
  }
}
