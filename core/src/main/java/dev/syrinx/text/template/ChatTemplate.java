package dev.syrinx.text.template;

import dev.syrinx.text.TextModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A prompt template of a language model. Immutable and safe for any number of threads. */
public final class ChatTemplate {
  private static final int LONGEST = 1 << 20;

  private final String name;
  private final List<Node> nodes;

  private ChatTemplate(String name, List<Node> nodes) {
    this.name = name;
    this.nodes = List.copyOf(nodes);
  }

  /**
   * Reads a template file.
   *
   * @throws TextModelException if it cannot be read or uses something that is not understood
   */
  public static ChatTemplate read(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw new TextModelException(file.toString(), "it has " + Files.size(file) + " bytes, too many for a template", "Fetch it again");
      }
      return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), file.toString());
    } catch (IOException e) {
      throw new TextModelException(file.toString(), "it cannot be read (" + e + ")", "Check the model folder", e);
    }
  }

  /** Takes the source of a template; {@code name} is what error messages call it. */
  public static ChatTemplate parse(String source, String name) {
    return new ChatTemplate(name, TemplateParser.parse(name, source));
  }

  /**
   * Fills the template in.
   *
   * @param variables texts, truth values, numbers, and lists and maps of these; maps have text keys
   */
  public String render(Map<String, ?> variables) {
    Map<String, Object> own = new LinkedHashMap<>();
    variables.forEach((key, value) -> own.put(key, own(value)));
    return new Renderer(name).render(nodes, own);
  }

  private static Object own(Object value) {
    return switch (value) {
      case String text -> text;
      case Boolean truth -> truth;
      case Integer number -> Long.valueOf(number);
      case Long number -> number;
      case Double number -> number;
      case List<?> list -> list.stream().map(ChatTemplate::own).toList();
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(key.toString(), own(item)));
        yield copy;
      }
      default -> throw new IllegalArgumentException("a template takes no " + value.getClass().getName());
    };
  }
}
