package dev.syrinx.app;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.bench.Fingerprint;
import dev.syrinx.bench.Hashes;
import dev.syrinx.bench.report.Manifest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Voice;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** {@code --manifest}: what the bytes were made from, for {@code syrinx bench replay}. Use as a {@code @Mixin}. */
public final class ManifestOption {
  /** Options that say where results go, or that are said otherwise. */
  private static final Set<String> ELSEWHERE = Set.of("--output", "--manifest", "--text-file", "--quiet", "--debug", "--profile", "--plan");

  private static final List<String> MACHINE = List.of("cpu", "processors", "vectorBits", "os", "java");

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--manifest", paramLabel = "FILE", converter = Output.Converter.class,
      description = "Write what the bytes were made from, by hashes: 'syrinx bench replay' makes them again, or names what differs.")
  private Output file;

  /** Refuses before hours of work what cannot be written. */
  void check() {
    if (file != null) {
      file.check();
    }
  }

  /**
   * Writes the manifest if one was asked for.
   *
   * @param settings what is in effect, in words
   */
  void write(String words, Path model, Map<String, Path> clips, List<UserKernel> kernels, Map<String, String> settings, Voice voice,
      SpeechResult speech)
      throws IOException {
    if (file == null) {
      return;
    }
    Map<String, String> items = new LinkedHashMap<>();
    items.put("program", Version.number());
    Map<String, Object> machine = Fingerprint.of();
    MACHINE.forEach(name -> items.put(name, String.valueOf(machine.get(name))));
    items.putAll(settings);
    items.put("text", Hashes.text(words));
    items.put("kernel classes", Hashes.kernelClasses());
    items.put("kernel images", Hashes.kernelImages());
    for (UserKernel kernel : kernels) {
      items.put("kernel " + kernel.name(), Hashes.file(kernel.file()) + ":" + kernel.entry());
    }
    ModelFiles files = ModelFiles.locate(model);
    for (ModelFile part : ModelFile.values()) {
      if (files.find(part).isPresent()) {
        items.put("model: " + part.description(), Hashes.file(files.path(part)));
      }
    }
    for (Map.Entry<String, Path> clip : clips.entrySet()) {
      items.put(clip.getKey(), Hashes.file(clip.getValue()));
    }
    items.put("prepared voice", Hashes.written(voice::write));
    byte[] text = new Manifest(arguments(words), items, output(speech)).json().getBytes(StandardCharsets.UTF_8);
    file.write(out -> out.write(text));
  }

  private static Map<String, String> output(SpeechResult speech) {
    Map<String, String> output = new LinkedHashMap<>();
    output.put("sample rate", Integer.toString(speech.sampleRate()));
    output.put("sample count", Integer.toString(speech.scaled().length));
    output.put("codes", Hashes.numbers(speech.segments().stream().map(SpeechResult.Segment::codes).toList()));
    output.put(Manifest.SAMPLES, Hashes.samples(Pcm16.forFile(speech.scaled())));
    return output;
  }

  /** The options as they were given, and the text, wherever it came from. */
  private List<String> arguments(String words) {
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
      String name = option.longestName();
      if (!ELSEWHERE.contains(name)) {
        given(arguments, name, option);
      }
    }
    arguments.add("--");
    arguments.add(words);
    return arguments;
  }

  private static void given(List<String> arguments, String name, ArgSpec option) {
    if (option.arity().max() == 0) {
      arguments.add(name);
    } else {
      option.originalStringValues().forEach(value -> arguments.add(name + "=" + value));
    }
  }
}
