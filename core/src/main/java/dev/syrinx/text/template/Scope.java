package dev.syrinx.text.template;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Variables; what a loop's body sets is gone with the round. */
record Scope(Map<String, Object> variables, Optional<Scope> outer) {
  static Scope of(Map<String, Object> variables) {
    return new Scope(new HashMap<>(variables), Optional.empty());
  }

  Scope inner() {
    return new Scope(new HashMap<>(), Optional.of(this));
  }

  Object get(String name) {
    Object value = variables.get(name);
    if (value != null) {
      return value;
    }
    return outer.map(scope -> scope.get(name)).orElse(Absent.UNDEFINED);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }
}
