package dev.syrinx.text.sentencepiece;

/** What a piece of the vocabulary is for; ordinals are those of the file format, minus one. */
enum PieceType {
  NORMAL,
  UNKNOWN,
  CONTROL,
  USER_DEFINED,
  UNUSED,
  BYTE;

  /** Whether text can be made of it; control, unknown and byte pieces have no spelling in texts. */
  boolean spells() {
    return this == NORMAL || this == USER_DEFINED || this == UNUSED;
  }
}
