package dev.syrinx.text.template;

import dev.syrinx.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements: if, for, set, break, continue, and the generation mark of training templates, which changes nothing. */
final class TemplateParser {
  private final TokenStream in;
  private final ExpressionParser expressions;
  private int loops;

  private TemplateParser(TokenStream in) {
    this.in = in;
    this.expressions = new ExpressionParser(in);
  }

  static List<Node> parse(String name, String source) {
    TokenStream in = new TokenStream(name, Lexer.tokens(name, source));
    List<Node> nodes = new TemplateParser(in).body();
    if (in.peek().kind() != Kind.END) {
      throw in.error("'" + in.peekNext().text() + "' closes nothing");
    }
    return nodes;
  }

  /** Nodes up to a block that closes or continues what is open, or the end. */
  private List<Node> body() {
    in.deeper();
    List<Node> nodes = new ArrayList<>();
    while (true) {
      Token token = in.peek();
      if (token.kind() == Kind.TEXT) {
        nodes.add(new Node.Text(in.take().text()));
      } else if (token.kind() == Kind.PRINT_OPEN) {
        in.take();
        nodes.add(new Node.Print(expressions.parse()));
        in.expect(Kind.PRINT_CLOSE);
      } else if (token.kind() == Kind.BLOCK_OPEN && !closes(in.peekNext().text())) {
        in.take();
        nodes.addAll(statement());
      } else {
        in.shallower();
        return nodes;
      }
    }
  }

  private static boolean closes(String name) {
    return name.equals("elif") || name.equals("else") || name.startsWith("end");
  }

  private List<Node> statement() {
    int line = in.line();
    String name = in.expectName();
    return switch (name) {
      case "if" -> List.of(conditional());
      case "for" -> List.of(loop(line));
      case "set" -> List.of(assignment(line));
      case "break", "continue" -> List.of(leave(name));
      case "generation" -> generation();
      default -> throw in.error("the statement '" + name + "' is not understood (known: if, for, set, break, continue, generation)");
    };
  }

  private Node leave(String name) {
    if (loops == 0) {
      throw in.error("'" + name + "' stands outside a loop");
    }
    in.expect(Kind.BLOCK_CLOSE);
    return new Node.Leave(name.equals("break"));
  }

  private List<Node> generation() {
    in.expect(Kind.BLOCK_CLOSE);
    List<Node> body = body();
    close("endgeneration");
    return body;
  }

  private Node conditional() {
    List<Node.Branch> branches = new ArrayList<>();
    List<Node> otherwise = List.of();
    do {
      Expression condition = expressions.parse();
      in.expect(Kind.BLOCK_CLOSE);
      branches.add(new Node.Branch(condition, body()));
    } while (acceptBlock("elif"));
    if (acceptBlock("else")) {
      in.expect(Kind.BLOCK_CLOSE);
      otherwise = body();
    }
    close("endif");
    return new Node.If(branches, otherwise);
  }

  private Node loop(int line) {
    List<String> names = new ArrayList<>(List.of(in.expectName()));
    while (in.acceptOperator(",")) {
      names.add(in.expectName());
    }
    if (!in.acceptName("in")) {
      throw in.error("'in' is missing in a loop");
    }
    Expression items = expressions.parseWithoutConditional();
    Optional<Expression> only = in.acceptName("if") ? Optional.of(expressions.parse()) : Optional.empty();
    in.expect(Kind.BLOCK_CLOSE);
    loops++;
    List<Node> body = body();
    loops--;
    List<Node> otherwise = List.of();
    if (acceptBlock("else")) {
      in.expect(Kind.BLOCK_CLOSE);
      otherwise = body();
    }
    close("endfor");
    return new Node.For(names, items, only, body, otherwise, line);
  }

  private Node assignment(int line) {
    Expression target = new Expression.Name(in.expectName(), line);
    if (in.acceptOperator(".")) {
      target = new Expression.Attribute(target, in.expectName(), line);
    }
    if (!in.acceptOperator("=")) {
      throw in.error("a set without '=' is not understood");
    }
    Expression value = expressions.parse();
    in.expect(Kind.BLOCK_CLOSE);
    return new Node.Set(target, value, line);
  }

  private boolean acceptBlock(String name) {
    boolean here = in.peek().kind() == Kind.BLOCK_OPEN && in.peekNext().is(Kind.NAME, name);
    if (here) {
      in.take();
      in.take();
    }
    return here;
  }

  private void close(String name) {
    if (!acceptBlock(name)) {
      throw in.error("'" + name + "' is missing before " + in.describe());
    }
    in.expect(Kind.BLOCK_CLOSE);
  }
}
