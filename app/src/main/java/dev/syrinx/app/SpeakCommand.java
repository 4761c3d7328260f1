package dev.syrinx.app;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.audio.WavWriter;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Voice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code syrinx speak}. */
@Command(
    name = "speak",
    description = "Speaks a text in the voice of a recording and writes a WAV.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx speak \"Hello from the JVM.\" -o hello.wav",
      "  syrinx speak --text-file story.txt --voice me.wav --model checkpoints -o story.wav",
      "  echo \"Piped.\" | syrinx speak --text-file - -o - | aplay",
      "  syrinx speak \"Happy birthday!\" --emotion-vector 0.6,0,0,0,0,0,0.2,0 --seed 7 -o b.wav"
    })
final class SpeakCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "TEXT", description = "What to say.")
  private String text;

  @Option(names = "--text-file", paramLabel = "FILE|-", description = "Read the text from a UTF-8 file, or from standard input.")
  private Path textFile;

  @Option(
      names = {"-o", "--output"}, paramLabel = "FILE|-", defaultValue = "out.wav", converter = Output.Converter.class,
      description = "16-bit mono WAV (default: ${DEFAULT-VALUE}).")
  private Output output;

  @Option(
      names = "--seed", defaultValue = "0", paramLabel = "N",
      description = "The same seed and request give the same bytes (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--steps", defaultValue = "25", paramLabel = "N", description = "Steps of flow matching (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--cfg", defaultValue = "0.7", paramLabel = "G",
      description = "Guidance of flow matching, 0 for none (default: ${DEFAULT-VALUE}).")
  private float guidance;

  @Option(
      names = "--segment-tokens", defaultValue = "120", paramLabel = "N",
      description = "Most text tokens of a segment (default: ${DEFAULT-VALUE}).")
  private int segmentTokens;

  @Option(
      names = "--silence-ms", defaultValue = "200", paramLabel = "MS",
      description = "Silence between segments (default: ${DEFAULT-VALUE}).")
  private int silence;

  @Mixin private EngineOptions options;
  @Mixin private VoiceChoice voice;
  @Mixin private EmotionChoice emotion;
  @Mixin private SamplingChoice sampling;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() {
    String words = words();
    output.check();
    try (Progress progress = progressOption.open(); Engine engine = EngineMaker.open(options, progress)) {
      progress.stage("preparing the voice");
      StageTimes preparing = new StageTimes();
      Voice prepared = voice.voice(engine, preparing);
      SpeechResult speech = engine.speak(request(words, prepared), listener(progress));
      speech.unknownTokens().forEach(progress::note);
      output.write(out -> WavWriter.write(out, Pcm16.forFile(speech.scaled()), speech.sampleRate()));
      progress.finish();
      warnings(speech, progress);
      progress.note(summary(engine, preparing, speech));
    }
    return ExitCode.OK;
  }

  private SpeechRequest request(String words, Voice prepared) {
    try {
      return SpeechRequest.of(words, prepared)
          .emotion(emotion.emotion()).seed(seed).sampling(sampling.options()).steps(steps).guidance(guidance).segmentTokens(segmentTokens)
          .silenceMillis(silence).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String words() {
    if ((text == null) == (textFile == null)) {
      throw new ParameterException(
          spec.commandLine(), text == null ? "say what to speak: TEXT or --text-file" : "give TEXT or --text-file, not both");
    }
    if (text != null) {
      return text;
    }
    try {
      return textFile.toString().equals(Output.STDOUT)
          ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(textFile);
    } catch (IOException e) {
      throw new CommandException.BadInput("cannot read --text-file " + textFile + ": " + e + "; it must be a readable UTF-8 text", e);
    }
  }

  private static SpeechListener listener(Progress progress) {
    AtomicReference<String> last = new AtomicReference<>("");
    return (stage, segment, segments, done, total) -> {
      String name = "segment " + (segment + 1) + "/" + segments + " " + stage.label();
      if (!name.equals(last.getAndSet(name))) {
        progress.stage(name);
      }
      progress.step(done, total);
    };
  }

  private static void warnings(SpeechResult speech, Progress progress) {
    for (int i = 0; i < speech.segments().size(); i++) {
      if (!speech.segments().get(i).stopped()) {
        progress.note("segment " + (i + 1) + " reached the limit of "
            + speech.segments().get(i).codes().length + " codes and may be cut off; see --max-tokens");
      }
    }
  }

  private String summary(Engine engine, StageTimes preparing, SpeechResult speech) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%.2f s of audio in %.2f s (RTF %.2f; %d codes, beams %d, %d steps, cfg %.1f, %s, %s)",
        speech.seconds(), speech.times().total(), speech.seconds() > 0 ? speech.realTimeFactor() : Double.NaN, speech.codes(),
        sampling.options().beams(), steps, guidance, options.precision().name().toLowerCase(Locale.ROOT), engine.description()));
    line.append("; ");
    for (Stage stage : Stage.values()) {
      double seconds = preparing.seconds(stage) + speech.times().seconds(stage);
      if (seconds > 0) {
        line.append(String.format(Locale.ROOT, "%s %.2f s ", stage.label(), seconds));
      }
    }
    return line.toString().strip();
  }
}
