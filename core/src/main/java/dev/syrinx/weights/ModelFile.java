package dev.syrinx.weights;

/** The files of a model, what each is for and where it comes from. */
public enum ModelFile {
  CONFIGURATION("model configuration", "IndexTeam/IndexTTS-2", "config.yaml", false),
  TOKENIZER("SentencePiece tokenizer", "IndexTeam/IndexTTS-2", "bpe.model", false),
  GPT("GPT, conditioners and emotion layers", "IndexTeam/IndexTTS-2", "gpt.pth", false),
  SPEECH_TO_MEL("flow-matching model", "IndexTeam/IndexTTS-2", "s2mel.pth", false),
  FEATURE_STATISTICS("mean and variance of speech features", "IndexTeam/IndexTTS-2", "wav2vec2bert_stats.pt", false),
  SPEAKER_MATRIX("speaker matrix of the emotions", "IndexTeam/IndexTTS-2", "feat1.pt", false),
  EMOTION_MATRIX("emotion matrix", "IndexTeam/IndexTTS-2", "feat2.pt", false),
  W2V_BERT("speech feature network w2v-BERT", "facebook/w2v-bert-2.0", "model.safetensors", false),
  W2V_BERT_CONFIG("configuration of w2v-BERT", "facebook/w2v-bert-2.0", "config.json", false),
  SEMANTIC_CODEC("semantic codec", "amphion/MaskGCT", "semantic_codec/model.safetensors", false),
  SPEAKER_ENCODER("speaker encoder CAM++", "funasr/campplus", "campplus_cn_common.bin", false),
  VOCODER("vocoder BigVGAN", "nvidia/bigvgan_v2_22khz_80band_256x", "bigvgan_generator.pt", false),
  VOCODER_CONFIG("configuration of BigVGAN", "nvidia/bigvgan_v2_22khz_80band_256x", "config.json", false),
  EMOTION_MODEL("language model that reads emotions from text", "IndexTeam/IndexTTS-2", "qwen0.6bemo4-merge/model.safetensors", true),
  EMOTION_MODEL_CONFIG("the emotion model's configuration", "IndexTeam/IndexTTS-2", "qwen0.6bemo4-merge/config.json", true),
  EMOTION_MODEL_TOKENIZER("the emotion model's tokenizer", "IndexTeam/IndexTTS-2", "qwen0.6bemo4-merge/tokenizer.json", true),
  EMOTION_MODEL_TEMPLATE("the emotion model's prompt template", "IndexTeam/IndexTTS-2", "qwen0.6bemo4-merge/chat_template.jinja", true),
  EMOTION_MODEL_GENERATION(
      "the emotion model's decoding settings", "IndexTeam/IndexTTS-2", "qwen0.6bemo4-merge/generation_config.json", true);

  private final String description;
  private final String repository;
  private final String nameThere;
  private final boolean optional;

  ModelFile(String description, String repository, String nameThere, boolean optional) {
    this.description = description;
    this.repository = repository;
    this.nameThere = nameThere;
    this.optional = optional;
  }

  /** What the file is for. */
  public String description() {
    return description;
  }

  /** The repository on Hugging Face that has it. */
  public String repository() {
    return repository;
  }

  /** Its name in that repository. */
  public String nameThere() {
    return nameThere;
  }

  /** Whether speech can be made without it: only emotions given in words need it. */
  public boolean optional() {
    return optional;
  }

  /** Whether a file of that kind can be this file. */
  boolean accepts(FileKind kind) {
    return switch (this) {
      case GPT, SPEECH_TO_MEL, FEATURE_STATISTICS, SPEAKER_MATRIX, EMOTION_MATRIX, SPEAKER_ENCODER, VOCODER ->
          kind == FileKind.ZIP || kind == FileKind.LEGACY_TORCH;
      case W2V_BERT, SEMANTIC_CODEC, EMOTION_MODEL -> kind == FileKind.SAFETENSORS;
      default -> !kind.mistake();
    };
  }

  String expected() {
    return switch (this) {
      case W2V_BERT, SEMANTIC_CODEC, EMOTION_MODEL -> "a safetensors file";
      case CONFIGURATION, W2V_BERT_CONFIG, VOCODER_CONFIG, TOKENIZER -> "the file itself";
      default -> optional ? "the file itself" : "a file written by torch.save";
    };
  }
}
