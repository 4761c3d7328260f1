package dev.syrinx.text.template;

import dev.syrinx.text.TextModelException;

/** The one way in which templates fail. */
final class TemplateError {
  private static final String REMEDY = "Use the template that came with the model";

  private TemplateError() {}

  static TextModelException at(String name, int line, String problem) {
    return new TextModelException(name + ", line " + line, problem, REMEDY);
  }
}
