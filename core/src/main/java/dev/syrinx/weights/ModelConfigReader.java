package dev.syrinx.weights;

import dev.syrinx.weights.ModelConfig.Conditioner;
import dev.syrinx.weights.ModelConfig.FileNames;
import dev.syrinx.weights.ModelConfig.Generation;
import dev.syrinx.weights.ModelConfig.Gpt;
import dev.syrinx.weights.ModelConfig.LengthRegulator;
import dev.syrinx.weights.ModelConfig.SemanticCodec;
import dev.syrinx.weights.ModelConfig.SpeechToMel;
import dev.syrinx.weights.ModelConfig.Spectrogram;
import dev.syrinx.weights.ModelConfig.Transformer;
import dev.syrinx.weights.ModelConfig.Vocoder;
import dev.syrinx.weights.ModelConfig.Wavenet;
import java.util.List;
import java.util.Optional;

/** Builds a {@link ModelConfig} from the keys of config.yaml, and refuses architectures that this program does not implement. */
final class ModelConfigReader {
  private static final int LARGEST_TOKEN = 1 << 24;
  private static final int MOST_LAYERS = 4096;
  private static final int LARGEST_FFT = 1 << 16;

  /** Frames of a convolution: far beyond any recording, and small enough for arithmetic on lengths. */
  private static final int WIDEST_REACH = 1 << 20;

  /** Variants of the official transformer that no released model has. */
  private static final List<String> NOT_IN_TRANSFORMER = List.of(
      "is_causal", "f0_condition", "time_as_token", "style_as_token", "add_resblock_in_transformer", "zero_prompt_speech_token");

  /** Hz: what the official program takes for any {@code fmax} but the word None. */
  private static final double OFFICIAL_TOP = 8000;

  private ModelConfigReader() {}

  static ModelConfig read(ConfigNode root) {
    return new ModelConfig(
        gpt(root.section("gpt")),
        codec(root.section("semantic_codec")),
        speechToMel(root.section("s2mel")),
        root.counts("emo_num"),
        files(root),
        vocoder(root.section("vocoder")),
        root.has("inference") ? generation(root.section("inference")) : Generation.OFFICIAL,
        root.optionalText("version"));
  }

  private static Gpt gpt(ConfigNode node) {
    node.only("condition_type", "conformer_perceiver");
    node.only("train_solo_embeddings", "false");
    node.only("use_mel_codes_as_input", "true");
    Gpt gpt = new Gpt(
        node.count("model_dim"),
        layers(node, "layers"),
        node.count("heads"),
        node.count("max_mel_tokens"),
        node.count("max_text_tokens"),
        node.count("number_text_tokens"),
        node.count("number_mel_codes"),
        node.integer("start_mel_token", 0, LARGEST_TOKEN),
        node.integer("stop_mel_token", 0, LARGEST_TOKEN),
        node.integer("start_text_token", 0, LARGEST_TOKEN),
        node.integer("stop_text_token", 0, LARGEST_TOKEN),
        conditioner(node.section("condition_module")),
        conditioner(node.section("emo_condition_module")));
    divides(node, "heads", gpt.heads(), "model_dim", gpt.modelDim());
    if (Math.max(gpt.startMelToken(), gpt.stopMelToken()) >= gpt.numberMelCodes()) {
      throw node.error("start_mel_token and stop_mel_token must be below number_mel_codes, " + gpt.numberMelCodes());
    }
    if (gpt.startMelToken() == gpt.stopMelToken()) {
      throw node.error("start_mel_token and stop_mel_token are both " + gpt.startMelToken());
    }
    if (Math.max(gpt.startTextToken(), gpt.stopTextToken()) > gpt.numberTextTokens()) {
      throw node.error("start_text_token and stop_text_token must not be above number_text_tokens, " + gpt.numberTextTokens());
    }
    return gpt;
  }

  private static Conditioner conditioner(ConfigNode node) {
    node.only("input_layer", "conv2d2");
    Conditioner made = new Conditioner(
        node.count("output_size"),
        node.count("linear_units"),
        node.count("attention_heads"),
        layers(node, "num_blocks"),
        node.count("perceiver_mult"));
    divides(node, "attention_heads", made.attentionHeads(), "output_size", made.outputSize());
    return made;
  }

  private static SemanticCodec codec(ConfigNode node) {
    return new SemanticCodec(
        node.count("codebook_size"),
        node.count("hidden_size"),
        node.count("codebook_dim"),
        node.count("vocos_dim"),
        node.count("vocos_intermediate_dim"),
        layers(node, "vocos_num_layers"));
  }

  private static SpeechToMel speechToMel(ConfigNode node) {
    node.only("dit_type", "DiT");
    return new SpeechToMel(
        spectrogram(node.section("preprocess_params")),
        regulator(node.section("length_regulator")),
        transformer(node.section("DiT")),
        wavenet(node.section("wavenet")),
        node.section("style_encoder").count("dim"));
  }

  private static Spectrogram spectrogram(ConfigNode node) {
    ConfigNode params = node.section("spect_params");
    boolean limited = params.names("fmax") && (!params.has("fmax") || params.optionalReal("fmax").isPresent());
    Spectrogram made = new Spectrogram(
        node.integer("sr", 1000, 384_000),
        params.integer("n_fft", 1, LARGEST_FFT),
        params.count("win_length"),
        params.count("hop_length"),
        params.count("n_mels"),
        params.real("fmin", 0),
        limited ? Optional.of(OFFICIAL_TOP) : Optional.empty());
    if (made.windowLength() > made.fftSize() || made.hopLength() > made.windowLength()) {
      throw params.error("needs hop_length <= win_length <= n_fft");
    }
    double top = made.maxFrequency().orElse(made.sampleRate() / 2.0);
    if (made.minFrequency() < 0 || made.minFrequency() >= top || top > made.sampleRate() / 2.0) {
      throw params.error("needs 0 <= fmin < fmax <= sr / 2");
    }
    return made;
  }

  private static LengthRegulator regulator(ConfigNode node) {
    node.only("is_discrete", "false");
    node.only("vector_quantize", "false");
    node.only("f0_condition", "false");
    node.only("n_codebooks", "1");
    return new LengthRegulator(node.count("channels"), node.count("in_channels"), node.length("sampling_ratios"));
  }

  private static Transformer transformer(ConfigNode node) {
    node.only("final_layer_type", "wavenet");
    node.only("style_condition", "true");
    node.only("long_skip_connection", "true");
    node.only("uvit_skip_connection", "true");
    for (String variant : NOT_IN_TRANSFORMER) {
      node.only(variant, "false");
    }
    Transformer made = new Transformer(
        node.count("hidden_dim"), node.count("num_heads"), layers(node, "depth"), node.count("in_channels"), node.count("content_dim"));
    divides(node, "num_heads", made.heads(), "hidden_dim", made.hiddenDim());
    return made;
  }

  private static Wavenet wavenet(ConfigNode node) {
    node.only("style_condition", "true");
    Wavenet made =
        new Wavenet(node.count("hidden_dim"), layers(node, "num_layers"), node.count("kernel_size"), node.count("dilation_rate"));
    if (made.kernelSize() * Math.pow(made.dilationRate(), made.layers() - 1) > WIDEST_REACH) {
      throw node.error(
          "dilation_rate, %d, over %d layers reaches further than %d frames".formatted(made.dilationRate(), made.layers(), WIDEST_REACH));
    }
    return made;
  }

  private static Vocoder vocoder(ConfigNode node) {
    node.only("type", "bigvgan");
    return new Vocoder(node.text("type"), node.text("name"));
  }

  private static Generation generation(ConfigNode node) {
    Generation usual = Generation.OFFICIAL;
    return new Generation(
        node.integer("num_beams", 1, ConfigNode.LARGEST, usual.beams()),
        node.real("temperature", usual.temperature()),
        node.integer("top_k", 0, ConfigNode.LARGEST, usual.topK()),
        node.real("top_p", usual.topP()),
        node.real("repetition_penalty", usual.repetitionPenalty()),
        node.real("length_penalty", usual.lengthPenalty()));
  }

  private static FileNames files(ConfigNode node) {
    return new FileNames(
        node.section("dataset").text("bpe_model"),
        node.text("gpt_checkpoint"),
        node.text("s2mel_checkpoint"),
        node.text("w2v_stat"),
        node.text("emo_matrix"),
        node.text("spk_matrix"),
        node.text("qwen_emo_path"));
  }

  private static int layers(ConfigNode node, String key) {
    return node.integer(key, 1, MOST_LAYERS);
  }

  private static void divides(ConfigNode node, String key, int divisor, String wholeKey, int whole) {
    if (whole % divisor != 0) {
      throw node.error("%s, %d, must divide %s, %d".formatted(key, divisor, wholeKey, whole));
    }
  }
}
