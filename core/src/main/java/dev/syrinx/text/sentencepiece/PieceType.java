package dev.syrinx.text.sentencepiece;

import java.util.Optional;

/** What a piece of the vocabulary is for. */
enum PieceType {
  NORMAL(1), UNKNOWN(2), CONTROL(3), USER_DEFINED(4), UNUSED(5), BYTE(6);

  private final int number;

  PieceType(int number) {
    this.number = number;
  }

  /** The type with that number in the file format. */
  static Optional<PieceType> of(long number) {
    for (PieceType type : values()) {
      if (type.number == number) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** Whether text can be made of it; control, unknown and byte pieces have no spelling in texts. */
  boolean spells() {
    return this == NORMAL || this == USER_DEFINED || this == UNUSED;
  }
}
