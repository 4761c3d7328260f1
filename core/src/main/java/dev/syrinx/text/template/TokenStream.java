package dev.syrinx.text.template;

import dev.syrinx.text.template.Token.Kind;
import java.util.List;

/** Tokens in order, with a look at the next ones and a guard against endless nesting. */
final class TokenStream {
  private static final int DEEPEST = 64;

  private final String name;
  private final List<Token> tokens;
  private int position;
  private int depth;

  TokenStream(String name, List<Token> tokens) {
    this.name = name;
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  Token peekNext() {
    return tokens.get(Math.min(position + 1, tokens.size() - 1));
  }

  Token take() {
    Token token = peek();
    position = Math.min(position + 1, tokens.size() - 1);
    return token;
  }

  int line() {
    return peek().line();
  }

  boolean at(Kind kind, String text) {
    return peek().is(kind, text);
  }

  boolean accept(Kind kind, String text) {
    boolean here = at(kind, text);
    if (here) {
      take();
    }
    return here;
  }

  boolean acceptOperator(String text) {
    return accept(Kind.OPERATOR, text);
  }

  boolean acceptName(String text) {
    return accept(Kind.NAME, text);
  }

  void expectOperator(String text) {
    if (!acceptOperator(text)) {
      throw error("'" + text + "' is missing before " + describe());
    }
  }

  String expectName() {
    if (peek().kind() != Kind.NAME) {
      throw error("a name is missing before " + describe());
    }
    return take().text();
  }

  void expect(Kind kind) {
    if (peek().kind() != kind) {
      throw error("the tag does not end before " + describe());
    }
    take();
  }

  void deeper() {
    if (++depth > DEEPEST) {
      throw error("more than " + DEEPEST + " levels of nesting");
    }
  }

  void shallower() {
    depth--;
  }

  String describe() {
    Token token = peek();
    return token.kind() == Kind.END ? "the end of the template" : token.text().isEmpty() ? "the end of the tag" : "'" + token.text() + "'";
  }

  RuntimeException error(String problem) {
    return TemplateError.at(name, line(), problem);
  }
}
