package dev.syrinx.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in tags, as a tree. Every node knows its line. */
sealed interface Expression {
  int line();

  record Constant(Object value, int line) implements Expression {}

  record Name(String name, int line) implements Expression {}

  record ListOf(List<Expression> items, int line) implements Expression {}

  record DictOf(List<Map.Entry<Expression, Expression>> entries, int line) implements Expression {}

  record Attribute(Expression target, String name, int line) implements Expression {}

  record Item(Expression target, Expression index, int line) implements Expression {}

  record Slice(Expression target, Optional<Expression> start, Optional<Expression> stop, Optional<Expression> step, int line)
      implements Expression {}

  record Call(Expression function, Arguments arguments, int line) implements Expression {}

  record Filter(Expression target, String name, Arguments arguments, int line) implements Expression {}

  record Test(Expression target, String name, Arguments arguments, boolean negated, int line) implements Expression {}

  record Unary(String operator, Expression operand, int line) implements Expression {}

  record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

  record Conditional(Expression condition, Expression then, Optional<Expression> otherwise, int line) implements Expression {}

  /** What a call is given: by place and by name. */
  record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());
  }
}
