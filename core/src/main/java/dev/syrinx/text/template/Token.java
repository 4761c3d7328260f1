package dev.syrinx.text.template;

/**
 * A piece of template source.
 *
 * @param kind what it is
 * @param text its spelling; of a string, its contents
 * @param line where it stands, from 1
 */
record Token(Kind kind, String text, int line) {
  enum Kind {
    TEXT,
    PRINT_OPEN,
    PRINT_CLOSE,
    BLOCK_OPEN,
    BLOCK_CLOSE,
    NAME,
    STRING,
    INTEGER,
    DECIMAL,
    OPERATOR,
    END
  }

  boolean is(Kind other, String spelling) {
    return kind == other && text.equals(spelling);
  }
}
