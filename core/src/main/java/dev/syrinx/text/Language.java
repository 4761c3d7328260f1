package dev.syrinx.text;

/** The branch of normalisation that a whole text takes; the model itself knows no language. */
public enum Language {
  CHINESE("zh"),
  ENGLISH("en");

  private final String code;

  Language(String code) {
    this.code = code;
  }

  /** Two letters, as glossaries use them. */
  public String code() {
    return code;
  }
}
