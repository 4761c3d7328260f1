package dev.syrinx.bench.study;

import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.synth.OptionsException;
import dev.syrinx.synth.Switches;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A place in a matrix: one configuration of one question, with one scenario.
 *
 * @param setting empty if it is refused
 * @param refusal why
 */
record Cell(Matrix.Question question, Scenario scenario, String name, String preset, Optional<Setting> setting, String refusal) {
  /** All cells of a matrix, in its order. */
  static List<Cell> of(Matrix matrix, Switches.Target target, int threads) {
    List<Cell> cells = new ArrayList<>();
    for (Matrix.Question question : matrix.questions()) {
      for (Scenario scenario : question.scenarios()) {
        question.cells().forEach((name, words) -> cells.add(of(question, scenario, name, over(matrix.settings(), words), target, threads)));
      }
    }
    return cells;
  }

  /** In the order in which time is given to them: the first scenario of all questions, then the second, so that each question has an answer before the first has all of its scenarios. */
  static List<Cell> byImportance(List<Cell> cells) {
    return cells.stream().sorted(Comparator.comparingInt(c -> c.question.scenarios().indexOf(c.scenario))).toList();
  }

  private static Map<String, String> over(Map<String, String> all, Map<String, String> own) {
    Map<String, String> words = new LinkedHashMap<>(all);
    words.putAll(own);
    return words;
  }

  private static Cell of(Matrix.Question question, Scenario scenario, String name, Map<String, String> words, Switches.Target target, int threads) {
    String preset = words.getOrDefault("preset", "full");
    try {
      Setting setting = Setting.of(words, target, threads);
      setting.switches().check(setting.sampling(SamplingOptions.defaults()));
      return new Cell(question, scenario, name, preset, Optional.of(setting), "");
    } catch (OptionsException | IllegalArgumentException e) {
      return new Cell(question, scenario, name, preset, Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  /** What is measured: cells of different questions may share it. */
  String subject(Switches.Target target) {
    Setting s = setting.orElseThrow();
    return scenario.label() + " " + s.words(target) + " beams " + s.beams() + " codes " + s.codes() + " threads " + s.threads();
  }
}
