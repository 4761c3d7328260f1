package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of {@code speak} is honoured or refused with the reason, and before anything is loaded. */
final class SpeakOptionsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--emotion-alpha is about --emotion-audio | --emotion-alpha 0.5",
        "--emotion-alpha must be a number from -100 to 100 | --emotion-audio x.wav --emotion-alpha 1e300",
        "--emotion-bias is about --emotion-vector | --emotion-bias",
        "--emotion-bias is about --emotion-vector | --emotion-bias --emotion-audio x.wav",
        "takes eight numbers from -100 to 100 | --emotion-vector 1e300,0,0,0,0,0,0,0",
        "--beams changes nothing with --greedy | --greedy --beams 3",
        "--temperature changes nothing with --greedy | --greedy --temperature 0.5",
        "--top-k changes nothing with --greedy | --top-k 5 --greedy",
        "--top-p changes nothing with --greedy | --top-p 0.5 --greedy",
        "--typical changes nothing with --greedy | --typical 0.5 --greedy",
        "--length-penalty changes nothing with --greedy | --length-penalty 1 --greedy",
        "at most 1000000 (1 for none) | --repetition-penalty 1e30",
        "--gpu-memory concerns a GPU | --device cpu --gpu-memory 5g",
        "a text of several words needs quotes around it | there",
        "a text that begins with a hyphen comes last | -5",
      })
  void whatCannotBeHonouredIsRefused(String reason, String arguments) {
    Cli.Result result = Cli.run(("speak Hello -o " + folder.resolve("a.wav") + " " + arguments).split(" "));
    assertEquals(ExitCode.USAGE, result.code(), result.err());
    assertTrue(result.err().contains(reason), result.err());
    assertFalse(Files.exists(folder.resolve("a.wav")));
  }

  @Test
  void aProfileThatCannotBeWrittenIsKnownBeforeTheWork() {
    Path wav = folder.resolve("a.wav");
    Cli.Result result = Cli.run("speak", "Hello", "-o", wav.toString(), "--profile", folder.resolve("none/p.jfr").toString());
    assertEquals(ExitCode.OUTPUT, result.code(), result.err());
    assertTrue(result.err().contains("does not exist; create it first"), result.err());
    assertFalse(Files.exists(wav));
  }

  @Test
  void textFilesThatCannotBeReadAreNamedInWords() throws Exception {
    Cli.Result missing = Cli.run("speak", "--text-file", folder.resolve("none.txt").toString());
    assertEquals(ExitCode.INPUT, missing.code(), missing.err());
    assertTrue(missing.err().contains("no such file") && !missing.err().contains("Exception"), missing.err());
    Path latin = Files.write(folder.resolve("latin.txt"), new byte[] {'H', (byte) 0xe4});
    Cli.Result foreign = Cli.run("speak", "--text-file", latin.toString());
    assertEquals(ExitCode.INPUT, foreign.code(), foreign.err());
    assertTrue(foreign.err().contains("it is no UTF-8 text") && !foreign.err().contains("Exception"), foreign.err());
  }
}
