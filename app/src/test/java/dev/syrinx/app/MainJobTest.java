package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.AudioClip;
import dev.syrinx.audio.AudioReader;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Voice;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that people came for, on the embedded model. */
class MainJobTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;

  private int run(String... arguments) {
    return Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(arguments);
  }

  @Test
  void everyStageOfTheGoldenDataPasses() {
    assertEquals(ExitCode.OK, run("verify"), () -> out + "\n" + err);
    assertTrue(out.toString().contains("164 outputs of 24 stages: 164 passed, 0 missed"), out::toString);
    String voice = out.toString().substring(out.toString().indexOf("164 passed"));
    assertTrue(voice.contains(", 0 missed\n") && voice.indexOf("passed") != voice.lastIndexOf("passed"), out::toString);
  }

  @Test
  void speaksToAWavFileAndAgainTheSame() throws Exception {
    Path voice = folder.resolve("clip.voice");
    assertEquals(ExitCode.OK, run("voice", clip(), "-o", voice.toString()), err::toString);
    Path one = folder.resolve("one.wav");
    Path two = folder.resolve("two.wav");
    Path manifest = folder.resolve("one.json");
    assertEquals(
        ExitCode.OK,
        run(
            "speak", "Hello from the JVM.", "-o", one.toString(), "--max-tokens", "12", "--steps", "2", "--seed", "3", "--voice", clip(), "--manifest", manifest.toString()),
        err::toString);
    assertTrue(err.toString().contains("small voice"), err::toString);
    assertEquals(
        ExitCode.OK,
        run(
            "speak", "Hello from the JVM.", "-o", two.toString(), "--max-tokens", "12", "--steps", "2", "--seed", "3", "--voice",
            voice.toString(), "--threads", "1"),
        err::toString);
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(two), "a saved voice and one thread change nothing");
    AudioClip made = AudioReader.read(one, 60);
    assertEquals(22050, made.sampleRate());
    assertEquals(12 * 172 / 100 * 256, made.frames());
    replays(manifest, voice);
  }

  private void replays(Path manifest, Path voice) throws Exception {
    assertEquals(ExitCode.OK, run("bench", "replay", manifest.toString(), "--voice", voice.toString()), () -> out + "\n" + err);
    assertTrue(out.toString().contains("the same bytes: 5120 samples"), out::toString);
    assertTrue(out.toString().contains("differs without effect: voice: "), "a saved voice is another file than its clip, and the same voice");
    Path changed = folder.resolve("changed.json");
    Files.writeString(changed, Files.readString(manifest).replace("--seed=3", "--seed=4"));
    assertEquals(ExitCode.FOUND, run("bench", "replay", changed.toString(), "--voice", voice.toString()), () -> out + "\n" + err);
    assertTrue(out.toString().contains("item differs: seed: 3 then, 4 now") && out.toString().contains("other bytes: the codes differ already"), out::toString);
    Files.writeString(changed, "{}");
    assertEquals(ExitCode.INPUT, run("bench", "replay", changed.toString()));
    assertTrue(err.toString().contains("is no manifest of 'syrinx speak --manifest'"), err::toString);
  }

  @Test
  void badInputIsNamedAndLeavesNothingBehind() throws Exception {
    Path wav = folder.resolve("bad.wav");
    assertEquals(ExitCode.INPUT, run("speak", "  ", "-o", wav.toString()));
    assertEquals(ExitCode.INPUT, run("speak", "Hi there.", "-o", wav.toString(), "--voice", folder.resolve("none.wav").toString()));
    Path text = Files.writeString(folder.resolve("text.txt"), "no audio");
    assertEquals(ExitCode.INPUT, run("speak", "Hi there.", "-o", wav.toString(), "--voice", text.toString()));
    assertEquals(ExitCode.INPUT, run("speak", "Hi there.", "-o", wav.toString(), "--device", "cuda:0"));
    assertEquals(ExitCode.INPUT, run("speak", "Hi there.", "-o", wav.toString(), "--model", folder.toString()));
    assertEquals(ExitCode.USAGE, run("speak", "Hi there.", "-o", wav.toString(), "--beams", "99"));
    assertEquals(ExitCode.USAGE, run("speak", "Hi there.", "-o", wav.toString(), "--emotion-vector", "1,2"));
    assertEquals(ExitCode.OUTPUT, run("speak", "Hi there.", "-o", folder.resolve("missing/bad.wav").toString()));
    assertFalse(Files.exists(wav));
  }

  @Test
  void shippedVoicesAreWhatTheirClipsGive() {
    Path voices = Path.of(clip()).getParent();
    try (Engine engine = Engine.open(voices.getParent(), EngineOptions.defaults())) {
      for (String name : VoiceChoice.shipped()) {
        Voice shipped = Voice.load(voices.resolve(name + ".voice"));
        assertTrue(engine.accepts(shipped), () -> name + ".voice is of another model: prepare it again with 'syrinx voice'");
        Voice fresh = engine.voice(voices.resolve(name + ".wav"));
        assertNear(fresh.latents(), shipped.latents());
        assertNear(fresh.ownEmotion(), shipped.ownEmotion());
        assertNear(fresh.style(), shipped.style());
        assertNear(fresh.mel(), shipped.mel());
        assertNear(fresh.condition(), shipped.condition());
      }
    }
  }

  private static void assertNear(Voice.Matrix expected, Voice.Matrix actual) {
    float largest = 0;
    for (float v : expected.values()) {
      largest = Math.max(largest, Math.abs(v));
    }
    assertArrayEquals(expected.values(), actual.values(), 1e-4f * largest);
  }

  private static String clip() {
    return dev.syrinx.testdata.TestData.folder(dev.syrinx.testdata.TestData.VOICE_EN).resolve("voices/slt.wav").toString();
  }
}
