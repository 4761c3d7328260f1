package dev.syrinx.app;

import dev.syrinx.synth.Engine;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Switches;
import dev.syrinx.synth.Voice;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code syrinx voice}. */
@Command(
    name = "voice",
    description = "Prepares a voice from a recording once and saves it, so that 'speak' starts at once.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  syrinx voice me.wav -o me.voice --model checkpoints", "  syrinx speak \"Hello.\" --voice me.voice --model checkpoints -o hello.wav"
    })
final class VoiceCommand implements Callable<Integer> {
  @Parameters(paramLabel = "CLIP", description = "A recording of speech; its first 15 seconds count.")
  private Path clip;

  @Option(
      names = {"-o", "--output"}, required = true, paramLabel = "FILE|-", converter = Output.Converter.class,
      description = "The saved voice (safetensors).")
  private Output output;

  @Mixin private ModelOption model;
  @Mixin private EngineOptions options;
  @Mixin private ProgressOption progressOption;

  @Override
  public Integer call() {
    Switches switches = options.switches();
    output.check();
    try (Progress progress = progressOption.open(); Engine engine = EngineMaker.open(model, options, switches, progress)) {
      progress.stage("preparing the voice");
      Voice voice = engine.voice(clip, new StageTimes());
      output.write(voice::write);
      progress.finish();
      progress.note("saved " + output + ": " + voice.frames() + " mel frames of " + voice.name());
    }
    return ExitCode.OK;
  }
}
