package dev.syrinx.text.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace(…)} makes: the one thing whose attributes a template may set, also from inside a loop. */
record Namespace(Map<String, Object> values) {
  Namespace {
    values = new LinkedHashMap<>(values);
  }
}
