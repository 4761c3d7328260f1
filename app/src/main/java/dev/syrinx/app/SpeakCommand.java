package dev.syrinx.app;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.audio.WavWriter;
import dev.syrinx.backend.KernelWarmup;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.synth.Emotion;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.MemoryPlan;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Rehearsal;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Switches;
import dev.syrinx.synth.Voice;
import dev.syrinx.weights.ModelConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
      "  syrinx speak --plan --model checkpoints --precision fp16 --device cuda:0",
      "  echo \"Piped.\" | syrinx speak --text-file - -o - | aplay",
      "  syrinx speak \"Happy birthday!\" --emotion-vector 0.6,0,0,0,0,0,0.2,0 --seed 7 -o b.wav"
    })
final class SpeakCommand implements Callable<Integer> {
  /** Seconds of a recording that count. */
  private static final double LONGEST_CLIP = 15;

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

  @Option(
      names = "--segment-tokens", defaultValue = "120", paramLabel = "N",
      description = "Most text tokens of a segment (default: ${DEFAULT-VALUE}).")
  private int segmentTokens;

  @Option(
      names = "--silence-ms", defaultValue = "200", paramLabel = "MS",
      description = "Silence between segments (default: ${DEFAULT-VALUE}).")
  private int silence;

  @Option(
      names = "--plan",
      description = "Print what this would take of a GPU's memory, for the longest segment and a clip of 15 seconds, and do nothing else: needs no GPU, loads no weights.")
  private boolean plan;

  @Mixin private ModelOption model;
  @Mixin private EngineOptions options;
  @Mixin private FlowChoice flow;
  @Mixin private VoiceChoice voice;
  @Mixin private EmotionChoice emotion;
  @Mixin private SamplingChoice sampling;
  @Mixin private ProfileOption profile;
  @Mixin private ManifestOption manifest;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() throws IOException {
    if (plan) {
      return plan(checked(flow.on(options.switches())));
    }
    try (KernelWarmup warmup = EngineMaker.warmup(options, hears())) { // before the model is unpacked and read
      return speak(checked(flow.on(options.switches())), warmup);
    }
  }

  /** Whether a recording has to be listened to. */
  private boolean hears() {
    return emotion.emotion() instanceof Emotion.OfAudio || !voice.prepared(model.given().isEmpty());
  }

  private Integer speak(Switches switches, KernelWarmup warmup) throws IOException {
    String words = words();
    if (options.device().gpuMemory().isPresent() && options.device().target() == Switches.Target.CPU) {
      throw new ParameterException(
          spec.commandLine(),
          "--gpu-memory concerns a GPU, and this runs on the CPU: leave it out, use --device cuda:N, or ask for --plan");
    }
    output.check();
    manifest.check();
    Optional<String> tight =
        options.device().gpuMemory().isPresent() && options.device().target() == Switches.Target.GPU
            ? MemoryPlanning.fits(planned(switches), options.device().gpuMemory().getAsLong())
            : Optional.empty();
    try (Progress progress = progressOption.open(); var _ = profile.open(); Engine engine = EngineMaker.open(model, options, switches, progress, warmup)) {
      tight.ifPresent(progress::note);
      progress.stage("preparing the voice");
      StageTimes preparing = new StageTimes();
      Voice prepared = voice.voice(engine, preparing);
      SpeechRequest request = request(words, prepared, switches);
      progress.stage("warming up");
      Rehearsal.of(engine, request);
      SpeechResult speech = engine.speak(request, listener(progress));
      speech.unknownTokens().forEach(progress::note);
      output.write(out -> WavWriter.write(out, Pcm16.forFile(speech.scaled()), speech.sampleRate()));
      manifest.write(words, model.folder(), clips(), options.device().userKernels(), settings(engine, switches), prepared, speech);
      progress.finish();
      warnings(speech, progress);
      progress.note("wrote " + output + ": " + summary(engine, switches, preparing, speech));
      KernelTimes.text(options.device().kernelTimes()).ifPresent(progress::note);
    }
    return ExitCode.OK;
  }

  /** The options of sampling given, over those that the model asks for. */
  private SamplingOptions wanted() {
    return sampling.options(SamplingOptions.of(ModelConfig.read(model.folder().resolve("config.yaml")).generation()));
  }

  private Switches checked(Switches switches) {
    try {
      return switches.check(wanted());
    } catch (OptionsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private MemoryPlan planned(Switches switches) {
    MemoryPlan.Speech longest = new MemoryPlan.Speech(LONGEST_CLIP, segmentTokens, wanted().maxTokens(), wanted().beams());
    return MemoryPlanning.plan(model.folder(), switches, options.device(), longest);
  }

  private int plan(Switches switches) {
    MemoryPlan made = planned(switches);
    PrintWriter out = spec.commandLine().getOut();
    out.println("GPU memory on " + MemoryPlanning.device(options.device()).name() + ": " + switches.describe(Switches.Target.GPU));
    out.println(made);
    out.flush();
    options.device().gpuMemory().ifPresent(limit -> MemoryPlanning.fits(made, limit).ifPresent(out::println));
    out.flush();
    return ExitCode.OK;
  }

  private SpeechRequest request(String words, Voice prepared, Switches switches) {
    try {
      return SpeechRequest.of(words, prepared)
          .emotion(emotion.emotion()).seed(seed).sampling(wanted()).flow(switches).segmentTokens(segmentTokens)
          .silenceMillis(silence).build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** The recordings that the speech is made from. */
  private Map<String, Path> clips() {
    Map<String, Path> clips = new LinkedHashMap<>(Map.of("voice", voice.file()));
    if (emotion.emotion() instanceof Emotion.OfAudio(Path clip, float alpha)) {
      clips.put("emotion clip", clip);
    }
    return clips;
  }

  private Map<String, String> settings(Engine engine, Switches switches) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("device", engine.description());
    settings.put("switches", switches.describe(options.device().target()));
    settings.put("sampling", wanted().toString());
    settings.put("sequences", Integer.toString(options.sequences()));
    settings.put("seed", Long.toString(seed));
    settings.put("emotion", emotion.emotion().toString());
    settings.put("segment tokens", Integer.toString(segmentTokens));
    settings.put("silence", silence + " ms");
    return settings;
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
      String reason = Output.reason(e);
      throw new CommandException.BadInput("cannot read --text-file " + textFile + ": " + reason + "; name a readable UTF-8 text", e);
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

  private String summary(Engine engine, Switches switches, StageTimes preparing, SpeechResult speech) {
    StringBuilder line = new StringBuilder();
    line.append(String.format(Locale.ROOT, "%.2f s of audio in %.2f s (RTF %.2f; %d codes, beams %d, %s; %s)",
        speech.seconds(), speech.times().total(), speech.seconds() > 0 ? speech.realTimeFactor() : Double.NaN, speech.codes(),
        wanted().beams(), switches.describe(options.device().target()), engine.description()));
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
