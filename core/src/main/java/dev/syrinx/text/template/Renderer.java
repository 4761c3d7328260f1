package dev.syrinx.text.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Carries out the nodes of a template. */
final class Renderer {
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Problems problems;
  private final Evaluator evaluator;
  private final StringBuilder out = new StringBuilder();

  Renderer(String name) {
    this.problems = new Problems(name);
    this.evaluator = new Evaluator(problems);
  }

  String render(List<Node> nodes, Map<String, Object> variables) {
    run(nodes, Scope.of(variables));
    return out.toString();
  }

  private Flow run(List<Node> nodes, Scope scope) {
    for (Node node : nodes) {
      Flow flow = run(node, scope);
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Node node, Scope scope) {
    switch (node) {
      case Node.Text text -> write(text.text(), 0);
      case Node.Print print -> write(problems.text(evaluator.value(print.value(), scope), print.value().line()), print.value().line());
      case Node.Set set -> assign(set, scope);
      case Node.Leave leave -> {
        return leave.loop() ? Flow.BREAK : Flow.CONTINUE;
      }
      case Node.If choice -> {
        for (Node.Branch branch : choice.branches()) {
          if (Values.truth(evaluator.value(branch.condition(), scope))) {
            return run(branch.body(), scope);
          }
        }
        return run(choice.otherwise(), scope);
      }
      case Node.For loop -> loop(loop, scope);
    }
    return Flow.ON;
  }

  private void write(String text, int line) {
    problems.fits((long) out.length() + text.length(), line);
    out.append(text);
  }

  private void assign(Node.Set set, Scope scope) {
    Object value = evaluator.value(set.value(), scope);
    switch (set.target()) {
      case Expression.Name name -> scope.set(name.name(), value);
      case Expression.Attribute attribute -> namespace(evaluator.value(attribute.target(), scope), set.line()).put(attribute.name(), value);
      default -> throw problems.at(set.line(), "this cannot be set");
    }
  }

  private Map<String, Object> namespace(Object target, int line) {
    if (target instanceof Namespace namespace) {
      return namespace.values();
    }
    throw problems.at(line, "only attributes of a namespace can be set");
  }

  private void loop(Node.For loop, Scope scope) {
    List<Object> items = evaluator.functions().list(evaluator.value(loop.items(), scope), loop.line());
    if (loop.only().isPresent()) {
      items = items.stream().filter(item -> {
        Scope round = scope.inner();
        bind(loop, item, round);
        return Values.truth(evaluator.value(loop.only().get(), round));
      }).toList();
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), scope);
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      evaluator.step(loop.line());
      Scope round = scope.inner();
      bind(loop, items.get(i), round);
      round.set("loop", state(items, i));
      if (run(loop.body(), round) == Flow.BREAK) {
        return;
      }
    }
  }

  private void bind(Node.For loop, Object item, Scope round) {
    if (loop.names().size() == 1) {
      round.set(loop.names().getFirst(), item);
      return;
    }
    List<Object> parts = evaluator.functions().list(item, loop.line());
    if (parts.size() != loop.names().size()) {
      throw problems.at(loop.line(), "a loop over " + loop.names().size() + " names got " + parts.size() + " values");
    }
    for (int i = 0; i < parts.size(); i++) {
      round.set(loop.names().get(i), parts.get(i));
    }
  }

  private static Map<String, Object> state(List<Object> items, int i) {
    Map<String, Object> state = new HashMap<>();
    state.put("index", i + 1L);
    state.put("index0", (long) i);
    state.put("revindex", (long) items.size() - i);
    state.put("revindex0", items.size() - i - 1L);
    state.put("first", i == 0);
    state.put("last", i == items.size() - 1);
    state.put("length", (long) items.size());
    Optional<Object> previous = i > 0 ? Optional.of(items.get(i - 1)) : Optional.empty();
    Optional<Object> next = i + 1 < items.size() ? Optional.of(items.get(i + 1)) : Optional.empty();
    previous.ifPresent(item -> state.put("previtem", item));
    next.ifPresent(item -> state.put("nextitem", item));
    return state;
  }
}
