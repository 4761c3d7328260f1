package dev.syrinx.text;

/** A file of the text front end (tokenizer, glossary, prompt template) that is damaged, hostile or of an unknown kind. */
public final class TextModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TextModelException(String file, String problem, String remedy) {
    super(file + ": " + problem + ". " + remedy);
  }

  public TextModelException(String file, String problem, String remedy, Throwable cause) {
    super(file + ": " + problem + ". " + remedy, cause);
  }
}
