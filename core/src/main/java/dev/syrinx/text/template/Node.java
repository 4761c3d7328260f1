package dev.syrinx.text.template;

import java.util.List;
import java.util.Optional;

/** What a template does, in order. */
sealed interface Node {
  record Text(String text) implements Node {}

  record Print(Expression value) implements Node {}

  record Set(Expression target, Expression value, int line) implements Node {}

  record If(List<Branch> branches, List<Node> otherwise) implements Node {}

  record Branch(Expression condition, List<Node> body) {}

  record For(List<String> names, Expression items, Optional<Expression> only, List<Node> body, List<Node> otherwise, int line)
      implements Node {}

  record Leave(boolean loop) implements Node {}
}
