package dev.syrinx.app;

import dev.syrinx.bench.report.Manifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code syrinx bench replay}. */
@Command(
    name = "replay",
    description = "Speaks again what a manifest of 'syrinx speak --manifest' tells, and compares the bytes: exit code 1 if they differ, with the items that differ.",
    footerHeading = "%nExamples:%n",
    footer = {"  syrinx speak \"Hello.\" --seed 7 --manifest hello.json -o hello.wav", "  syrinx bench replay hello.json",
        "  syrinx bench replay hello.json --model elsewhere/checkpoints"})
final class ReplayCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MANIFEST",
      description = "A file that 'syrinx speak --manifest' wrote. Relative names in it are looked for from the current folder.")
  private Path manifest;

  @Option(names = "--model", paramLabel = "DIR", description = "The model's folder, where it lies elsewhere now.")
  private Path model;

  @Option(names = "--voice", paramLabel = "FILE|NAME", description = "The voice, where it lies elsewhere now.")
  private String voice;

  @Option(names = "--device", paramLabel = "auto|cpu|cuda:N", description = "Run on this instead.")
  private String device;

  @Option(names = {"-o", "--output"}, paramLabel = "FILE", converter = Output.Converter.class, description = "Keep what was spoken there.")
  private Output output;

  @Override
  public Integer call() throws IOException {
    Manifest was = read(manifest);
    Path folder = Files.createTempDirectory("syrinx-replay");
    Path wav = folder.resolve("again.wav");
    Path made = folder.resolve("again.json");
    try {
      int code = speak(arguments(was, wav, made));
      if (code != ExitCode.OK) {
        return code;
      }
      if (output != null) {
        output.write(out -> Files.copy(wav, out));
      }
      return compare(was, read(made));
    } finally {
      Files.deleteIfExists(wav);
      Files.deleteIfExists(made);
      Files.delete(folder);
    }
  }

  private static Manifest read(Path file) throws IOException {
    try {
      return Manifest.parse(Files.readString(file));
    } catch (IllegalArgumentException e) {
      throw new CommandException.BadInput(file + " is no manifest of 'syrinx speak --manifest': " + e.getMessage(), e);
    }
  }

  private List<String> arguments(Manifest was, Path wav, Path made) {
    List<String> arguments = new ArrayList<>(List.of("speak"));
    for (String argument : was.arguments()) {
      boolean replaced =
          (model != null && argument.startsWith("--model=")) || (voice != null && argument.startsWith("--voice="))
              || (device != null && argument.startsWith("--device="));
      if (argument.equals("--")) {
        break;
      }
      if (!replaced) {
        arguments.add(argument);
      }
    }
    add(arguments, "--model", model);
    add(arguments, "--voice", voice);
    add(arguments, "--device", device);
    add(arguments, "--output", wav);
    add(arguments, "--manifest", made);
    int text = was.arguments().indexOf("--");
    arguments.addAll(text < 0 ? List.of() : was.arguments().subList(text, was.arguments().size()));
    return arguments;
  }

  private static void add(List<String> arguments, String name, Object value) {
    if (value != null) {
      arguments.add(name + "=" + value);
    }
  }

  private int speak(List<String> arguments) {
    CommandLine here = spec.commandLine();
    return Main.commandLine().setOut(here.getOut()).setErr(here.getErr()).execute(arguments.toArray(String[]::new));
  }

  private int compare(Manifest was, Manifest is) {
    PrintWriter out = spec.commandLine().getOut();
    List<Manifest.Difference> items = was.items(is);
    List<Manifest.Difference> outputs = was.outputs(is);
    if (outputs.isEmpty()) {
      out.println("the same bytes: " + was.output().get("sample count") + " samples, SHA-256 " + was.output().get(Manifest.SAMPLES));
      items.forEach(d -> out.println("differs without effect: " + words(d)));
    } else {
      out.println("other bytes: "
          + (outputs.stream().anyMatch(d -> d.name().equals("codes")) ? "the codes differ already"
              : "the codes are the same, the sound made of them differs"));
      outputs.forEach(d -> out.println("output differs: " + words(d)));
      items.forEach(d -> out.println("item differs: " + words(d)));
      if (items.isEmpty()) {
        out.println("no item of the manifest differs: what changed the bytes is not recorded there, which is a defect; please report it");
      }
    }
    out.flush();
    return outputs.isEmpty() ? ExitCode.OK : ExitCode.FOUND;
  }

  private static String words(Manifest.Difference d) {
    return d.name() + ": " + (d.was().isEmpty() ? "nothing" : d.was()) + " then, " + (d.is().isEmpty() ? "nothing" : d.is()) + " now";
  }
}
