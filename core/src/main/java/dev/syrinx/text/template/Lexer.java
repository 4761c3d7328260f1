package dev.syrinx.text.template;

import dev.syrinx.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts source into text and tags and resolves whitespace control, so that the parser sees only what will be written. */
final class Lexer {
  private static final List<String> OPERATORS = List.of(
      "==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".",
      ",", ":", "|", "(", ")", "[", "]", "{", "}");

  private final String name;
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private boolean trimNewline;
  private boolean trimSpace;

  private Lexer(String name, String source) {
    this.name = name;
    this.source = source;
  }

  static List<Token> tokens(String name, String source) {
    String unix = source.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer = new Lexer(name, unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (position < source.length()) {
      int tag = nextTag();
      text(tag);
      if (tag == source.length()) {
        break;
      }
      char kind = source.charAt(tag + 1);
      advance(tag + 2);
      if (position < source.length() && "-+".indexOf(source.charAt(position)) >= 0) {
        advance(position + 1);
      }
      if (kind == '#') {
        comment();
      } else {
        add(kind == '{' ? Kind.PRINT_OPEN : Kind.BLOCK_OPEN, "");
        tag(kind == '{');
      }
    }
    add(Kind.END, "");
  }

  private int nextTag() {
    int at = source.indexOf('{', position);
    while (at >= 0 && (at + 1 == source.length() || "{%#".indexOf(source.charAt(at + 1)) < 0)) {
      at = source.indexOf('{', at + 1);
    }
    return at < 0 ? source.length() : at;
  }

  /** Text up to a tag, less the whitespace that the tags on both sides take away. */
  private void text(int tag) {
    int start = position;
    int end = tag;
    if (trimSpace) {
      while (start < end && Character.isWhitespace(source.charAt(start))) {
        start++;
      }
    } else if (trimNewline && start < end && source.charAt(start) == '\n') {
      start++;
    }
    char control = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
    if (tag < source.length() && control == '-') {
      while (end > start && Character.isWhitespace(source.charAt(end - 1))) {
        end--;
      }
    } else if (tag < source.length() && control != '+' && source.charAt(tag + 1) != '{') {
      end = lineStart(start, end);
    }
    if (start < end) {
      tokens.add(new Token(Kind.TEXT, source.substring(start, end), line));
    }
    advance(tag);
    trimSpace = false;
    trimNewline = false;
  }

  /** The start of the tag's line if only blanks stand before the tag in it, otherwise the end as it was. */
  private int lineStart(int start, int end) {
    int i = end;
    while (i > start && (source.charAt(i - 1) == ' ' || source.charAt(i - 1) == '\t')) {
      i--;
    }
    boolean atLineStart = i == 0 || source.charAt(i - 1) == '\n';
    return atLineStart ? i : end;
  }

  private void comment() {
    int close = source.indexOf("#}", position);
    if (close < 0) {
      throw TemplateError.at(name, line, "a comment is not closed");
    }
    finish(close + 2, close > position ? source.charAt(close - 1) : ' ', true);
  }

  private void tag(boolean print) {
    String closing = print ? "}}" : "%}";
    int depth = 0;
    while (true) {
      skipSpace();
      if (position >= source.length()) {
        throw TemplateError.at(name, line, "a tag is not closed with " + closing);
      }
      boolean control = "-+".indexOf(source.charAt(position)) >= 0;
      if (depth == 0 && source.startsWith(closing, control ? position + 1 : position)) {
        add(print ? Kind.PRINT_CLOSE : Kind.BLOCK_CLOSE, "");
        finish(position + (control ? 3 : 2), control ? source.charAt(position) : ' ', !print);
        return;
      }
      depth += expressionToken();
    }
  }

  /** Passes the end of a tag; its sign rules over the whitespace behind it. */
  private void finish(int end, char sign, boolean trimsNewline) {
    advance(end);
    trimSpace = sign == '-';
    trimNewline = trimsNewline && sign != '+';
  }

  /** Reads one token; returns by how much it nests. */
  private int expressionToken() {
    char c = source.charAt(position);
    if (c == '\'' || c == '"') {
      tokens.add(StringLiteral.read(name, source, position, line));
      advance(StringLiteral.end(source, position));
      return 0;
    }
    if (Character.isDigit(c)) {
      number();
      return 0;
    }
    if (Character.isJavaIdentifierStart(c) && c != '$') {
      int end = position;
      while (end < source.length() && Character.isJavaIdentifierPart(source.charAt(end)) && source.charAt(end) != '$') {
        end++;
      }
      add(Kind.NAME, source.substring(position, end));
      advance(end);
      return 0;
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, position)) {
        add(Kind.OPERATOR, operator);
        advance(position + operator.length());
        return "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
      }
    }
    throw TemplateError.at(name, line, "the character '" + c + "' means nothing here");
  }

  private void number() {
    int end = position;
    boolean decimal = false;
    while (end < source.length() && (Character.isDigit(source.charAt(end)) || (!decimal && isPoint(end)))) {
      decimal |= source.charAt(end++) == '.';
    }
    add(decimal ? Kind.DECIMAL : Kind.INTEGER, source.substring(position, end));
    advance(end);
  }

  private boolean isPoint(int at) {
    return source.charAt(at) == '.' && at + 1 < source.length() && Character.isDigit(source.charAt(at + 1));
  }

  private void skipSpace() {
    while (position < source.length() && Character.isWhitespace(source.charAt(position))) {
      advance(position + 1);
    }
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void advance(int to) {
    for (int i = position; i < to; i++) {
      line += source.charAt(i) == '\n' ? 1 : 0;
    }
    position = to;
  }
}
