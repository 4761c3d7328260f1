package dev.syrinx.synth;

/** The stages whose times a result reports, in the order of the pipeline. */
public enum Stage {
  /** Reading and resampling a clip, filter banks, mel. */
  AUDIO("audio"),
  /** w2v-BERT, semantic codec, CAM++, prompt condition, conditioner: once per voice. */
  VOICE("voice"),
  /** Emotion from a clip, a vector or a text. */
  EMOTION("emotion"),
  /** Normaliser, tokenizer, splitter. */
  TEXT("text"),
  /** Prefill and decoding of semantic codes. */
  CODES("codes"),
  /** The second pass of the GPT, the length regulator, and all of flow matching that comes before its first step. */
  LATENTS("latents"),
  /** The steps of flow matching. */
  MEL("mel"),
  /** The vocoder. */
  WAVE("wave");

  private final String label;

  Stage(String label) {
    this.label = label;
  }

  /** Name in reports. */
  public String label() {
    return label;
  }
}
