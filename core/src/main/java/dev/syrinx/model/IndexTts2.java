package dev.syrinx.model;

import dev.syrinx.model.acoustic.FlowMatching;
import dev.syrinx.model.acoustic.GptProjection;
import dev.syrinx.model.acoustic.LengthRegulator;
import dev.syrinx.model.conditioning.Conditioner;
import dev.syrinx.model.emotion.EmotionMatrix;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptConfig;
import dev.syrinx.model.semantic.SemanticCodec;
import dev.syrinx.model.semantic.SemanticFeatures;
import dev.syrinx.model.speaker.CamPlus;
import dev.syrinx.model.vocoder.BigVgan;
import dev.syrinx.nn.Parameters;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.TensorTable;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The networks of IndexTTS-2.
 *
 * <pre>
 * clip ─ features ─ semantic ─┬─ conditioner ─► speaker latents, emotion ─┐
 *      │                      └─ codec ─ regulator ─► prompt condition ─┐ ├─► gpt ─► codes, latents
 *      ├─ fbank ─ speaker ─► style ─────────────────────────────────────┤ │
 *      └─ log-mel ──────────────────────────────────────────────────────┤ └─ text
 *                     codes, latents ─ projection + codec ─ regulator ──┴─► flow ─► mel ─ vocoder ─► wave
 * </pre>
 */
public record IndexTts2(
    ModelConfig config,
    Listening listening,
    SemanticCodec codec,
    Conditioner conditioner,
    Gpt gpt,
    EmotionMatrix emotions,
    GptProjection projection,
    LengthRegulator regulator,
    FlowMatching flow,
    BigVgan vocoder) {
  private static final String WIDTHS = "w2v-BERT's width and the semantic codec's";

  /** Checks that the parts fit each other. */
  public IndexTts2 {
    fit("the latent projection's width and the semantic codec's", projection.width(), codec.width());
    fit("gpt.layers of the configuration and the GPT's blocks", config.gpt().layers(), gpt.layers());
    fit("gpt.number_mel_codes of the configuration and the GPT's codes", config.gpt().numberMelCodes(), gpt.vocabulary());
    fit("condition_module.num_blocks and the speaker conformer's blocks", config.gpt().condition().blocks(), conditioner.speakerBlocks());
    fit(
        "emo_condition_module.num_blocks and the emotion conformer's blocks", config.gpt().emotionCondition().blocks(),
        conditioner.emotionBlocks());
    fit("the emotion matrix's width and the GPT's", emotions.width(), gpt.width());
    fit("the speaker matrix's width and the style's", emotions.styleWidth(), config.speechToMel().styleDim());
    fit("the configuration's codebook size and the codec's", config.semanticCodec().codebookSize(), codec.codes());
    fit("the configuration's mel bands and the flow's", config.speechToMel().spectrogram().mels(), flow.mels());
    fit(
        "the configuration's hop length and the vocoder's samples per frame", config.speechToMel().spectrogram().hopLength(),
        vocoder.samplesPerFrame());
  }

  private static void fit(String what, int one, int other) {
    if (one != other) {
      throw new CheckpointException("these files do not belong together: " + what + " differ (" + one + " and " + other + ")");
    }
  }

  /** A recording to features. */
  public SemanticFeatures semantic() {
    return listening.semantic();
  }

  /** A recording to a style vector. */
  public CamPlus speaker() {
    return listening.speaker();
  }

  /**
   * Loads all networks, one file after the other; each is unmapped once it is loaded.
   *
   * @param parameters where to and, for the GPT's matrices, in which storage type; other networks follow as {@link Parameters#around}
   *     says
   * @param progress is told the name of each network before it is loaded
   * @throws CheckpointException naming missing, surplus and misshapen tensors
   */
  public static IndexTts2 load(ModelSource source, Parameters parameters, Consumer<String> progress) {
    Loader load = new Loader(source, progress);
    Listening.Networks listening = listening(load, parameters.around());
    IndexTts2 model = speaking(load, parameters, Listening.of(listening));
    fit(WIDTHS, listening.semantic().width(), model.codec().width());
    return model;
  }

  /**
   * The same without the networks that only a recording needs: they are loaded when they are asked for.
   *
   * @param again opens the source once more
   * @throws CheckpointException naming missing, surplus and misshapen tensors, of these networks when they are loaded
   */
  public static IndexTts2 loadForSpeech(ModelSource source, Supplier<? extends ModelSource> again, Parameters parameters, Consumer<String> progress) {
    int width = source.config().semanticCodec().hiddenSize();
    return speaking(new Loader(source, progress), parameters, Listening.later(() -> {
      try (ModelSource opened = again.get()) {
        Listening.Networks listening = listening(new Loader(opened, progress), parameters.around());
        fit(WIDTHS, listening.semantic().width(), width);
        return listening;
      }
    }));
  }

  private static Listening.Networks listening(Loader load, Parameters around) {
    ModelSource source = load.source();
    SemanticFeatures semantic = load.part(
        "w2v-BERT",
        () -> SemanticFeatures.load(
            new TensorTable(source.w2vBert(), "w2v-BERT"), source.w2vBertConfig(),
            new TensorTable(source.featureStatistics(), "feature statistics"), around));
    CamPlus speaker = load.part("CAM++", () -> CamPlus.load(new TensorTable(source.speakerEncoder(), "CAM++"), around));
    return new Listening.Networks(semantic, speaker);
  }

  private static IndexTts2 speaking(Loader load, Parameters parameters, Listening listening) {
    ModelSource source = load.source();
    ModelConfig config = source.config();
    Parameters around = parameters.around();
    SemanticCodec codec =
        load.part("semantic codec", () -> SemanticCodec.load(new TensorTable(source.semanticCodec(), "semantic codec"), around));
    AutoregressiveModel gpt = load.part("GPT", () -> AutoregressiveModel.load(source.gpt(), gptConfig(config.gpt()), parameters));
    EmotionMatrix emotions =
        load.part("emotion matrices", () -> new EmotionMatrix(source.speakerMatrix(), source.emotionMatrix(), config.emotionGroups()));
    GptProjection projection = load.part("latent projection", () -> GptProjection.load(source.latentProjection(), around));
    LengthRegulator regulator =
        load.part("length regulator", () -> LengthRegulator.load(source.lengthRegulator(), config.speechToMel().lengthRegulator(), around));
    FlowMatching flow = load.part("flow matching", () -> FlowMatching.load(source.flowMatching(), config.speechToMel(), around));
    BigVgan vocoder = load.part("vocoder", () -> BigVgan.load(source.vocoder(), source.vocoderConfig(), around));
    return new IndexTts2(config, listening, codec, gpt.conditioner(), gpt.gpt(), emotions, projection, regulator, flow, vocoder);
  }

  /** What the decoder needs of the configuration. */
  public static GptConfig gptConfig(ModelConfig.Gpt gpt) {
    return new GptConfig(gpt.heads(), gpt.startTextToken(), gpt.stopTextToken(), gpt.startMelToken(), gpt.stopMelToken());
  }

  /** Tells, loads, unmaps. */
  private record Loader(ModelSource source, Consumer<String> progress) {
    <T> T part(String name, Supplier<T> work) {
      progress.accept(name);
      T made = work.get();
      source.release();
      return made;
    }
  }
}
