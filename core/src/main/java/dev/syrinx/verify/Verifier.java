package dev.syrinx.verify;

import dev.syrinx.backend.Backend;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.weights.ModelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Replays golden data stage by stage. Every stage gets the golden outputs of earlier stages as its inputs, so errors do not add up and the
 * first wrong stage is the culprit.
 */
public final class Verifier {
  private static final Map<String, VerifyStage> STAGES = new LinkedHashMap<>();

  static {
    STAGES.put("audio", PromptStages::audio);
    STAGES.put("features", PromptStages::features);
    STAGES.put("w2v", PromptStages::w2v);
    STAGES.put("semantic", PromptStages::semantic);
    STAGES.put("fbank", PromptStages::fbank);
    STAGES.put("campplus", PromptStages::campplus);
    STAGES.put("ref_mel", PromptStages::refMel);
    STAGES.put("prompt_condition", PromptStages::promptCondition);
    STAGES.put("conditioning", GptStages::conditioning);
    STAGES.put("emo_vector", GptStages::emotionVector);
    STAGES.put("gpt_prefill", GptStages::prefill);
    STAGES.put("gpt_teacher", GptStages::teacher);
    STAGES.put("gpt_greedy", GptStages::greedy);
    STAGES.put("gpt_sample", GptStages::sample);
    STAGES.put("gpt_beam", GptStages::beam);
    STAGES.put("gpt_stop", GptStages::stop);
    STAGES.put("gpt_latent", GptStages::latent);
    STAGES.put("s_infer", AcousticStages::embeddings);
    STAGES.put("cfm", AcousticStages::flow);
    STAGES.put("bigvgan", AcousticStages::vocoder);
    STAGES.put("e2e", EndToEndStage::run);
    STAGES.put("long_prompt", PromptStages::longPrompt);
  }

  private Verifier() {}

  /**
   * Verifies a model.
   *
   * @param backend runs everything; stays open
   * @param stage is told the name of each stage before it runs
   * @return all checks in order, and the stages that the golden data lacks
   */
  public static Report verify(Path model, Path goldenFolder, Backend backend, Consumer<String> stage) {
    return verify(model, goldenFolder, backend, Precision.FP32, stage);
  }

  /** The same with weights of another precision, whose errors the golden data's tolerances do not allow for: {@link Check#compared} is what can be asked of them. */
  public static Report verify(Path model, Path goldenFolder, Backend backend, Precision precision, Consumer<String> stage) {
    try (ModelFolder folder = new ModelFolder(model); GoldenData golden = new GoldenData(goldenFolder)) {
      IndexTts2 loaded = IndexTts2.load(folder, new Parameters(backend, precision), name -> stage.accept("loading " + name));
      VerifyContext context = new VerifyContext(folder, loaded, golden, backend);
      List<Check> checks = new ArrayList<>();
      for (String name : golden.stages()) {
        stage.accept(name);
        checks.addAll(run(name, context));
      }
      List<String> missing = new ArrayList<>(STAGES.keySet().stream().filter(s -> !golden.stages().contains(s)).toList());
      texts(context, checks, missing, stage);
      return new Report(checks, missing);
    }
  }

  private static List<Check> run(String name, VerifyContext context) {
    VerifyStage stage = STAGES.get(name);
    if (stage == null) {
      return List.of(Check.failed(name, "*", "is a stage that this version cannot replay"));
    }
    context.forget();
    Results results = new Results(context.golden, name);
    try (var _ = context.ops.scope()) {
      stage.run(context, results);
    } catch (RuntimeException e) { // one broken stage must not hide the others
      results.add(Check.failed(name, "*", e.toString()));
    }
    return results.finish();
  }

  private static void texts(VerifyContext context, List<Check> checks, List<String> missing, Consumer<String> stage) {
    if (context.golden.hasFile("text.json")) {
      stage.accept("text");
      checks.addAll(TextStages.text(context));
    } else {
      missing.add("text");
    }
    if (context.golden.hasFile("qwen.json") && context.folder.files().find(ModelFile.EMOTION_MODEL).isPresent()) {
      stage.accept("qwen");
      try (var _ = context.ops.scope()) {
        checks.addAll(TextStages.emotionModel(context));
      }
    } else {
      missing.add("qwen");
    }
  }

  /**
   * What came out.
   *
   * @param missing stages that this version can replay and the golden data lacks
   */
  public record Report(List<Check> checks, List<String> missing) {
    /** Whether every check passed. */
    public boolean passed() {
      return checks.stream().allMatch(Check::passed);
    }
  }
}
