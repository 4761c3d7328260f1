package dev.syrinx.text.template;

/** Makes error messages that name the template, and the conversions that may fail. */
record Problems(String template) {
  private static final int LONGEST = 16 << 20;

  RuntimeException at(int line, String problem) {
    return TemplateError.at(template, line, problem);
  }

  /** Refuses to make anything larger than 16 Mi characters or items. */
  void fits(long size, int line) {
    if (size > LONGEST) {
      throw at(line, "it makes a text or list of more than " + LONGEST + " characters or items");
    }
  }

  /** How a value is written into the result. */
  String text(Object value, int line) {
    return switch (value) {
      case String s -> s;
      case Long n -> n.toString();
      case Double d -> d.toString();
      case Boolean b -> b ? "True" : "False";
      case Absent.NONE -> "None";
      case Absent.UNDEFINED -> "";
      default -> throw at(line, "cannot write " + Values.kind(value) + " as text; the filter tojson can");
    };
  }

  String string(Object value, String where, int line) {
    if (value instanceof String text) {
      return text;
    }
    throw at(line, where + " wants text and got " + Values.kind(value));
  }

  long integer(Object value, String where, int line) {
    if (value instanceof Long number) {
      return number;
    }
    throw at(line, where + " wants an integer and got " + Values.kind(value));
  }
}
