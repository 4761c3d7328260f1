package dev.syrinx.text.template;

import dev.syrinx.text.template.Expression.Arguments;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Values of expressions. Steps and depth are limited, so that no template runs for ever. */
final class Evaluator {
  static final int MOST_STEPS = 200_000;
  private static final int DEEPEST = 400;

  private final Problems problems;
  private final Operators operators;
  private final Functions functions;
  private int steps;
  private int depth;

  Evaluator(Problems problems) {
    this.problems = problems;
    this.operators = new Operators(problems);
    this.functions = new Functions(problems);
  }

  Functions functions() {
    return functions;
  }

  void step(int line) {
    if (++steps > MOST_STEPS) {
      throw problems.at(line, "it takes more than " + MOST_STEPS + " steps");
    }
  }

  Object value(Expression expression, Scope scope) {
    step(expression.line());
    if (++depth > DEEPEST) {
      throw problems.at(expression.line(), "an expression is nested more than " + DEEPEST + " deep");
    }
    Object value = switch (expression) {
      case Expression.Constant constant -> constant.value();
      case Expression.Name name -> scope.get(name.name());
      case Expression.ListOf list -> list.items().stream().map(item -> value(item, scope)).toList();
      case Expression.DictOf dict -> dict(dict, scope);
      case Expression.Attribute attribute -> attribute(value(attribute.target(), scope), attribute);
      case Expression.Item item -> item(value(item.target(), scope), value(item.index(), scope), item.line());
      case Expression.Slice slice -> slice(slice, scope);
      case Expression.Call call -> call(call, scope);
      case Expression.Filter filter ->
        functions.filter(value(filter.target(), scope), filter.name(), positional(filter.arguments(), scope, filter.line()), filter.line());
      case Expression.Test test -> test.negated()
          ^ functions.test(value(test.target(), scope), test.name(), positional(test.arguments(), scope, test.line()), test.line());
      case Expression.Unary unary -> unary(unary, scope);
      case Expression.Binary binary -> binary(binary, scope);
      case Expression.Conditional conditional -> Values.truth(value(conditional.condition(), scope))
          ? value(conditional.then(), scope)
          : conditional.otherwise().map(otherwise -> value(otherwise, scope)).orElse(Absent.UNDEFINED);
    };
    depth--;
    return value;
  }

  private Map<Object, Object> dict(Expression.DictOf dict, Scope scope) {
    Map<Object, Object> map = new LinkedHashMap<>();
    dict.entries().forEach(entry -> map.put(value(entry.getKey(), scope), value(entry.getValue(), scope)));
    return map;
  }

  private Object attribute(Object target, Expression.Attribute attribute) {
    Object holder = target instanceof Namespace namespace ? namespace.values() : target;
    if (holder instanceof Map<?, ?> map) {
      Object value = map.get(attribute.name());
      return value == null ? Absent.UNDEFINED : value;
    }
    if (target == Absent.UNDEFINED) {
      throw problems.at(attribute.line(), "'" + attribute.name() + "' is asked of something undefined");
    }
    return Absent.UNDEFINED;
  }

  private Object item(Object target, Object index, int line) {
    return switch (target) {
      case List<?> list when index instanceof Long place -> Sequences.at(list, place);
      case String text when index instanceof Long place -> Sequences.at(Sequences.of(text), place);
      case Map<?, ?> map -> Optional.<Object>ofNullable(map.get(index)).orElse(Absent.UNDEFINED);
      case Absent.UNDEFINED -> throw problems.at(line, "an item is asked of something undefined");
      default -> Absent.UNDEFINED;
    };
  }

  private Object slice(Expression.Slice slice, Scope scope) {
    Object target = value(slice.target(), scope);
    Optional<Long> start = slice.start().map(bound -> problems.integer(value(bound, scope), "a slice", slice.line()));
    Optional<Long> stop = slice.stop().map(bound -> problems.integer(value(bound, scope), "a slice", slice.line()));
    long step = slice.step().map(bound -> problems.integer(value(bound, scope), "a slice", slice.line())).orElse(1L);
    if (step == 0) {
      throw problems.at(slice.line(), "a slice wants a step that is not 0");
    }
    List<Object> items = Sequences.slice(functions.list(target, slice.line()), start, stop, step);
    return target instanceof String ? String.join("", items.stream().map(String::valueOf).toList()) : items;
  }

  private Object call(Expression.Call call, Scope scope) {
    int line = call.line();
    if (call.function() instanceof Expression.Attribute method) {
      return functions.method(value(method.target(), scope), method.name(), positional(call.arguments(), scope, line), line);
    }
    String name = call.function() instanceof Expression.Name function ? function.name() : "(an expression)";
    return switch (name) {
      case "namespace" -> new Namespace(named(call.arguments(), scope));
      case "dict" -> named(call.arguments(), scope);
      case "range" -> functions.range(positional(call.arguments(), scope, line), MOST_STEPS, line);
      case "raise_exception" -> throw problems.at(line, "it refuses this conversation: "
          + positional(call.arguments(), scope, line));
      default -> throw problems.at(line, "the function '" + name + "' is not understood");
    };
  }

  private List<Object> positional(Arguments arguments, Scope scope, int line) {
    if (!arguments.named().isEmpty()) {
      throw problems.at(line, "the argument '" + arguments.named().keySet().iterator().next() + "' is not understood");
    }
    List<Object> values = new ArrayList<>();
    arguments.positional().forEach(argument -> values.add(value(argument, scope)));
    return values;
  }

  private Map<String, Object> named(Arguments arguments, Scope scope) {
    Map<String, Object> values = new LinkedHashMap<>();
    arguments.named().forEach((name, argument) -> values.put(name, value(argument, scope)));
    return values;
  }

  private Object unary(Expression.Unary unary, Scope scope) {
    Object operand = value(unary.operand(), scope);
    return switch (unary.operator()) {
      case "not" -> !Values.truth(operand);
      case "-" -> operators.apply("-", 0L, operand, unary.line());
      default -> operators.apply("+", 0L, operand, unary.line());
    };
  }

  private Object binary(Expression.Binary binary, Scope scope) {
    Object left = value(binary.left(), scope);
    return switch (binary.operator()) {
      case "and" -> Values.truth(left) ? value(binary.right(), scope) : left;
      case "or" -> Values.truth(left) ? left : value(binary.right(), scope);
      default -> operators.apply(binary.operator(), left, value(binary.right(), scope), binary.line());
    };
  }
}
