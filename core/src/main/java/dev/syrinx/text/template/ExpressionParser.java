package dev.syrinx.text.template;

import dev.syrinx.text.template.Expression.Arguments;
import dev.syrinx.text.template.Expression.Binary;
import dev.syrinx.text.template.Expression.Unary;
import dev.syrinx.text.template.Token.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Expressions by precedence: conditional, or, and, not, comparison, sum, concatenation, product, power, sign, filters and tests. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream in;
  private final PrimaryParser primary;

  ExpressionParser(TokenStream in) {
    this.in = in;
    this.primary = new PrimaryParser(in, this);
  }

  Expression parse() {
    in.deeper();
    Expression value = or();
    while (in.at(Kind.NAME, "if")) {
      int line = in.line();
      in.take();
      Expression condition = or();
      Optional<Expression> otherwise = in.acceptName("else") ? Optional.of(parse()) : Optional.empty();
      value = new Expression.Conditional(condition, value, otherwise, line);
    }
    in.shallower();
    return value;
  }

  /** Without a conditional, for {@code for x in items if …}. */
  Expression parseWithoutConditional() {
    return or();
  }

  private Expression or() {
    Expression left = and();
    while (in.at(Kind.NAME, "or")) {
      left = new Binary("or", left, after(this::and), in.line());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (in.at(Kind.NAME, "and")) {
      left = new Binary("and", left, after(this::not), in.line());
    }
    return left;
  }

  private Expression not() {
    if (!in.at(Kind.NAME, "not")) {
      return comparison();
    }
    in.deeper();
    Expression value = new Unary("not", after(this::not), in.line());
    in.shallower();
    return value;
  }

  private Expression comparison() {
    Expression left = sum();
    int comparisons = 0;
    while (true) {
      int line = in.line();
      Token token = in.peek();
      if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
        left = new Binary(token.text(), left, after(this::sum), line);
      } else if (in.acceptName("in")) {
        left = new Binary("in", left, sum(), line);
      } else if (token.is(Kind.NAME, "not") && in.peekNext().is(Kind.NAME, "in")) {
        in.take();
        left = new Unary("not", new Binary("in", left, after(this::sum), line), line);
      } else {
        return left;
      }
      if (++comparisons > 1) {
        throw in.error("chained comparisons are not understood");
      }
    }
  }

  private Expression sum() {
    return binary(this::concatenation, "+", "-");
  }

  private Expression concatenation() {
    return binary(this::product, "~");
  }

  private Expression product() {
    return binary(this::sign, "*", "/", "//", "%");
  }

  private Expression binary(Supplier<Expression> operand, String... operators) {
    Expression left = operand.get();
    while (in.peek().kind() == Kind.OPERATOR && List.of(operators).contains(in.peek().text())) {
      int line = in.line();
      String operator = in.take().text();
      left = new Binary(operator, left, operand.get(), line);
    }
    return left;
  }

  private Expression sign() {
    in.deeper();
    int line = in.line();
    Expression value;
    if (in.at(Kind.OPERATOR, "-") || in.at(Kind.OPERATOR, "+")) {
      String operator = in.take().text();
      value = new Unary(operator, sign(), line);
    } else {
      value = filtered(primary.parse());
    }
    if (in.at(Kind.OPERATOR, "**")) {
      throw in.error("the operator ** is not understood");
    }
    in.shallower();
    return value;
  }

  private Expression filtered(Expression value) {
    Expression result = value;
    while (true) {
      int line = in.line();
      if (in.acceptOperator("|")) {
        String name = in.expectName();
        result = new Expression.Filter(result, name, primary.optionalArguments(), line);
      } else if (in.acceptName("is")) {
        boolean negated = in.acceptName("not");
        String name = in.expectName();
        Arguments arguments = primary.optionalArguments();
        result = new Expression.Test(result, name, arguments, negated, line);
      } else {
        return result;
      }
    }
  }

  private Expression after(Supplier<Expression> parser) {
    in.take();
    return parser.get();
  }
}
