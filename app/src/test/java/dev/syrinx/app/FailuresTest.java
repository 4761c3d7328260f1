package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.weights.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

final class FailuresTest {
  @Command(name = "fail")
  private record Failing(Exception failure) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }

  private static Cli.Result fail(Exception failure, String... options) {
    String[] args = new String[options.length + 1];
    System.arraycopy(options, 0, args, 0, options.length);
    args[options.length] = "fail";
    return Cli.run(Main.commandLine(new Failing(failure)), args);
  }

  @Test
  void badInputIsThree() {
    assertEquals(new Cli.Result(ExitCode.INPUT, "", line("gpt.pth is truncated")), fail(new CheckpointException("gpt.pth is truncated")));
    assertEquals(new Cli.Result(ExitCode.INPUT, "", line("no such voice")), fail(new CommandException.BadInput("no such voice")));
    assertEquals(new Cli.Result(ExitCode.INPUT, "", line("a.wav does not exist: check the name")), fail(new NoSuchFileException("a.wav")));
    assertEquals(ExitCode.INPUT, fail(new UncheckedIOException(new IOException("device unplugged"))).code());
  }

  @Test
  void badOutputIsFour() {
    assertEquals(new Cli.Result(ExitCode.OUTPUT, "", line("disk full")), fail(new CommandException.BadOutput("disk full")));
  }

  @Test
  void aBugIsSeventyAndShowsItsTraceOnRequest() {
    Cli.Result terse = fail(new IllegalStateException("oops"));
    assertEquals(ExitCode.INTERNAL, terse.code());
    assertTrue(terse.err().contains("oops") && terse.err().contains("--debug"), terse.err());
    assertFalse(terse.err().contains("\tat "), terse.err());
    assertTrue(fail(new IllegalStateException("oops"), "--debug").err().contains("\tat "));
  }

  @Test
  void debugShowsTheTraceOfBadInputToo() {
    assertTrue(fail(new CommandException.BadInput("no such voice"), "--debug").err().contains("\tat "));
  }

  private static String line(String message) {
    return "syrinx: " + message + System.lineSeparator();
  }
}
