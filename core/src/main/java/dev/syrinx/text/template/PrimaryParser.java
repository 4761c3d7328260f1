package dev.syrinx.text.template;

import dev.syrinx.text.template.Expression.Arguments;
import dev.syrinx.text.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Constants, names, lists and dictionaries, and what follows them: attributes, indices, slices, calls. */
final class PrimaryParser {
  private final TokenStream in;
  private final ExpressionParser expressions;

  PrimaryParser(TokenStream in, ExpressionParser expressions) {
    this.in = in;
    this.expressions = expressions;
  }

  Expression parse() {
    Expression value = atom();
    while (true) {
      int line = in.line();
      if (in.acceptOperator(".")) {
        value = new Expression.Attribute(value, in.expectName(), line);
      } else if (in.acceptOperator("[")) {
        value = index(value, line);
      } else if (in.at(Kind.OPERATOR, "(")) {
        value = new Expression.Call(value, optionalArguments(), line);
      } else {
        return value;
      }
    }
  }

  /** Arguments in parentheses; none if there are no parentheses. */
  Arguments optionalArguments() {
    if (!in.acceptOperator("(")) {
      return Arguments.NONE;
    }
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!in.acceptOperator(")")) {
      if (in.peek().kind() == Kind.NAME && in.peekNext().is(Kind.OPERATOR, "=")) {
        String name = in.take().text();
        in.take();
        named.put(name, expressions.parse());
      } else {
        positional.add(expressions.parse());
      }
      if (!in.at(Kind.OPERATOR, ")")) {
        in.expectOperator(",");
      }
    }
    return new Arguments(positional, named);
  }

  private Expression atom() {
    int line = in.line();
    Token token = in.take();
    return switch (token.kind()) {
      case NAME -> name(token.text(), line);
      case STRING -> new Expression.Constant(strings(token.text()), line);
      case INTEGER -> new Expression.Constant(integer(token.text()), line);
      case DECIMAL -> new Expression.Constant(Double.parseDouble(token.text()), line);
      case OPERATOR -> bracketed(token, line);
      default -> throw in.error("an expression is missing before " + in.describe());
    };
  }

  private static Expression name(String name, int line) {
    return switch (name) {
      case "true", "True" -> new Expression.Constant(true, line);
      case "false", "False" -> new Expression.Constant(false, line);
      case "none", "None" -> new Expression.Constant(Absent.NONE, line);
      default -> new Expression.Name(name, line);
    };
  }

  private String strings(String first) {
    StringBuilder text = new StringBuilder(first);
    while (in.peek().kind() == Kind.STRING) {
      text.append(in.take().text());
    }
    return text.toString();
  }

  private Long integer(String text) {
    if (text.length() > 18) {
      throw in.error("the number " + text + " is too large");
    }
    return Long.valueOf(text);
  }

  private Expression bracketed(Token token, int line) {
    return switch (token.text()) {
      case "(" -> grouped(line);
      case "[" -> new Expression.ListOf(items("]"), line);
      case "{" -> new Expression.DictOf(entries(), line);
      default -> throw in.error("an expression cannot begin with '" + token.text() + "'");
    };
  }

  /** An expression in parentheses, or several, which are a list. */
  private Expression grouped(int line) {
    Expression first = expressions.parse();
    if (in.acceptOperator(")")) {
      return first;
    }
    in.expectOperator(",");
    List<Expression> items = new ArrayList<>(List.of(first));
    items.addAll(items(")"));
    return new Expression.ListOf(items, line);
  }

  private List<Expression> items(String closing) {
    List<Expression> items = new ArrayList<>();
    while (!in.acceptOperator(closing)) {
      items.add(expressions.parse());
      if (!in.at(Kind.OPERATOR, closing)) {
        in.expectOperator(",");
      }
    }
    return items;
  }

  private List<Map.Entry<Expression, Expression>> entries() {
    List<Map.Entry<Expression, Expression>> entries = new ArrayList<>();
    while (!in.acceptOperator("}")) {
      Expression key = expressions.parse();
      in.expectOperator(":");
      entries.add(Map.entry(key, expressions.parse()));
      if (!in.at(Kind.OPERATOR, "}")) {
        in.expectOperator(",");
      }
    }
    return entries;
  }

  private Expression index(Expression target, int line) {
    Optional<Expression> start = bound();
    if (start.isPresent() && in.acceptOperator("]")) {
      return new Expression.Item(target, start.get(), line);
    }
    in.expectOperator(":");
    Optional<Expression> stop = bound();
    Optional<Expression> step = in.acceptOperator(":") ? bound() : Optional.empty();
    in.expectOperator("]");
    return new Expression.Slice(target, start, stop, step, line);
  }

  private Optional<Expression> bound() {
    boolean empty = in.at(Kind.OPERATOR, ":") || in.at(Kind.OPERATOR, "]");
    return empty ? Optional.empty() : Optional.of(expressions.parse());
  }
}
