package dev.syrinx.text.emotion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.text.TextException;
import dev.syrinx.text.TextModelException;
import dev.syrinx.text.bytelevel.ByteLevelTokenizer;
import dev.syrinx.text.template.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The text side of the language model that reads the emotion off a text: from the text to the ids of its prompt, from the ids of its
 * answer to eight weights. What the prompt looks like is the checkpoint's own template's decision.
 */
public final class EmotionPrompt {
  private static final String TASK = "文本情感分类"; // "classification of a text's emotion": what the model was tuned on
  private static final String END_OF_THOUGHT = "</think>";
  private static final List<String> SPECIAL_TOKENS = List.of("bos_token", "eos_token", "pad_token", "unk_token");

  private final ByteLevelTokenizer tokenizer;
  private final ChatTemplate template;
  private final Map<String, String> specialTokens;

  private EmotionPrompt(ByteLevelTokenizer tokenizer, ChatTemplate template, Map<String, String> specialTokens) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.specialTokens = Map.copyOf(specialTokens);
  }

  /**
   * Reads {@code tokenizer.json} and the template, {@code chat_template.jinja} or the one inside {@code tokenizer_config.json}.
   *
   * @param folder the folder of the emotion model
   * @throws TextModelException if a file is missing, damaged, or asks for something that is not understood
   */
  public static EmotionPrompt read(Path folder) {
    JsonNode config = config(folder.resolve("tokenizer_config.json"));
    Path file = folder.resolve("chat_template.jinja");
    JsonNode inside = config.path("chat_template");
    ChatTemplate template = Files.exists(file) || !inside.isTextual()
        ? ChatTemplate.read(file)
        : ChatTemplate.parse(inside.asText(), folder.resolve("tokenizer_config.json") + " (chat_template)");
    Map<String, String> special = new LinkedHashMap<>();
    for (String name : SPECIAL_TOKENS) {
      JsonNode token = config.path(name).isObject() ? config.path(name).path("content") : config.path(name);
      if (token.isTextual()) {
        special.put(name, token.asText());
      }
    }
    return new EmotionPrompt(ByteLevelTokenizer.read(folder.resolve("tokenizer.json")), template, special);
  }

  /** The prompt that asks for the emotion of a text. */
  public String render(String text) {
    if (text.isBlank()) {
      throw new TextException("the text that describes the emotion is empty; write some, or give the emotion as a vector");
    }
    Map<String, Object> variables = new LinkedHashMap<>(specialTokens);
    variables.put("messages", List.of(message("system", TASK), message("user", text)));
    variables.put("add_generation_prompt", true);
    variables.put("enable_thinking", false);
    return template.render(variables);
  }

  /** The ids of the prompt. */
  public int[] ids(String text) {
    return tokenizer.encode(render(text));
  }

  /** The text of generated ids after the last end of a thought, without special tokens. */
  public String decode(int[] generated) {
    OptionalInt endOfThought = tokenizer.id(END_OF_THOUGHT);
    int start = 0;
    for (int i = 0; i < generated.length && endOfThought.isPresent(); i++) {
      start = generated[i] == endOfThought.getAsInt() ? i + 1 : start;
    }
    return tokenizer.decode(Arrays.copyOfRange(generated, start, generated.length));
  }

  /** The emotion that generated ids tell of; {@code text} is what was asked about. */
  public EmotionVector emotion(int[] generated, String text) {
    return EmotionAnswer.parse(decode(generated), text);
  }

  /** The tokenizer, for its special ids. */
  public ByteLevelTokenizer tokenizer() {
    return tokenizer;
  }

  private static Map<String, Object> message(String role, String content) {
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  private static JsonNode config(Path file) {
    if (!Files.exists(file)) {
      return new ObjectMapper().createObjectNode();
    }
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (IOException e) {
      throw new TextModelException(file.toString(), "it is not readable JSON (" + e.getMessage() + ")", "Fetch it again", e);
    }
  }
}
