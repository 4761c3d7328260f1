package dev.syrinx.bench.study;

import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.acoustic.FlowSolver;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.CfgInterval;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Everything that is chosen for a cell.
 *
 * @param preset what the switches started from
 * @param switches in effect
 * @param beams of the search
 * @param codes most of an utterance
 * @param threads of the CPU
 * @param brought whether the kernels that the user brought run
 */
public record Setting(String preset, Switches switches, int beams, int codes, int threads, boolean brought) {
  /** Names in a matrix. */
  static final Set<String> KEYS = Set.of(
      "preset", "kv", "block-size", "graph", "attention", "gemm", "launcher", "fusion", "precision", "latents", "steps", "cfg", "schedule", "solver",
      "cfg-interval", "beams", "codes", "threads", "own-kernels");

  /**
   * Reads a cell.
   *
   * @param words by their names on the command line
   * @param threads where the cell says nothing
   * @throws OptionsException for what cannot be honoured, alone, together or on the target
   */
  static Setting of(Map<String, String> words, Switches.Target target, int threads) {
    Words w = new Words(words);
    String preset = w.text("preset", "full");
    Switches start = Switches.preset(w.one("preset", Switches.Preset.class, Switches.Preset.FULL));
    Switches s = target == Switches.Target.CPU ? start.onCpu() : start;
    s = s.withKv(w.one("kv", Switches.Kv.class, s.kv()), w.number("block-size", s.blockSize()));
    s = s.withGpu(
        w.on("graph", s.graph()), w.one("attention", Switches.Attention.class, s.attention()), w.one("gemm", CudaOptions.Gemm.class, s.gemm()),
        w.one("launcher", CudaOptions.Launcher.class, s.launcher()), w.on("fusion", s.fusion()));
    s = s.withPrecision(w.one("precision", Precision.class, s.precision())).withLatents(w.one("latents", Switches.Latents.class, s.latents()));
    s = s.withFlow(w.number("steps", s.steps()), w.real("cfg", s.cfg()), w.one("schedule", Switches.Schedule.class, s.schedule()));
    s = s.withSolver(w.one("solver", FlowSolver.class, s.solver()));
    s = words.containsKey("cfg-interval") ? s.withCfgInterval(CfgInterval.parse(words.get("cfg-interval"))) : s;
    return new Setting(preset, s.check(target), w.number("beams", 1), w.number("codes", 200), w.number("threads", threads), w.on("own-kernels", false));
  }

  /** The switches by their names on the command line; those that concern a GPU only on one, and the flow's solver and interval where they are not the reference's. */
  Map<String, String> words(Switches.Target target) {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("kv", word(switches.kv()));
    if (switches.kv() == Switches.Kv.PAGED) {
      words.put("block-size", Integer.toString(switches.blockSize()));
    }
    if (target == Switches.Target.GPU) {
      words.put("graph", switches.graph() ? "on" : "off");
      words.put("attention", word(switches.attention()));
      words.put("gemm", word(switches.gemm()));
      words.put("launcher", word(switches.launcher()));
      words.put("fusion", switches.fusion() ? "on" : "off");
    }
    words.put("precision", word(switches.precision()));
    words.put("latents", word(switches.latents()));
    words.put("steps", Integer.toString(switches.steps()));
    words.put("cfg", Float.toString(switches.cfg()));
    words.put("schedule", word(switches.schedule()));
    if (switches.solver() != FlowSolver.EULER) {
      words.put("solver", word(switches.solver()));
    }
    if (!switches.cfgInterval().equals(CfgInterval.ALL)) {
      words.put("cfg-interval", switches.cfgInterval().toString());
    }
    if (brought) {
      words.put("own-kernels", "on");
    }
    return words;
  }

  /**
   * What the price of this is counted against, best first: nothing accelerated, the official flow, the same search and length; where that does not run, what else is exact.
   */
  List<Setting> references(Switches.Target target) {
    Switches plain = Switches.preset(Switches.Preset.BASELINE);
    Switches exact = Switches.defaults().withGpu(false, Switches.Attention.FLASH, CudaOptions.Gemm.OWN, CudaOptions.Launcher.PANAMA, false);
    return target == Switches.Target.CPU
        ? List.of(new Setting("baseline", plain.onCpu(), beams, codes, threads, false))
        : List.of(new Setting("baseline", plain, beams, codes, threads, false), new Setting("full without graphs and fusion", exact, beams, codes, threads, false));
  }

  /** How codes are drawn: the model's way, with the cell's beams and length. */
  SamplingOptions sampling(SamplingOptions model) {
    return model.withBeams(beams).withMaxTokens(codes);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Values by name. */
  private record Words(Map<String, String> words) {
    String text(String key, String otherwise) {
      return words.getOrDefault(key, otherwise);
    }

    <E extends Enum<E>> E one(String key, Class<E> type, E otherwise) {
      String given = words.get(key);
      if (given == null) {
        return otherwise;
      }
      return Arrays.stream(type.getEnumConstants()).filter(e -> word(e).equals(given)).findFirst().orElseThrow(
          () -> new OptionsException("'" + key + ": " + given + "' is none of " + Arrays.stream(type.getEnumConstants()).map(Setting::word).toList()));
    }

    boolean on(String key, boolean otherwise) {
      return switch (text(key, otherwise ? "on" : "off")) {
        case "on", "true" -> true;
        case "off", "false" -> false;
        default -> throw new OptionsException("'" + key + ": " + words.get(key) + "' is neither on nor off");
      };
    }

    int number(String key, int otherwise) {
      try {
        return words.containsKey(key) ? Integer.parseInt(words.get(key)) : otherwise;
      } catch (NumberFormatException e) {
        throw new OptionsException("'" + key + ": " + words.get(key) + "' is no whole number");
      }
    }

    float real(String key, float otherwise) {
      try {
        return words.containsKey(key) ? Float.parseFloat(words.get(key)) : otherwise;
      } catch (NumberFormatException e) {
        throw new OptionsException("'" + key + ": " + words.get(key) + "' is no number");
      }
    }
  }
}
