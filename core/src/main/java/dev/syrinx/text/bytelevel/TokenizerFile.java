package dev.syrinx.text.bytelevel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.syrinx.text.TextModelException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads and checks a {@code tokenizer.json}. */
final class TokenizerFile {
  private static final String REMEDY = "Fetch it again, or use a model with a byte-level BPE tokenizer like Qwen's";
  private static final int MAX_ID = 1 << 24;

  private final String file;
  private final JsonNode root;
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final Map<String, Integer> added = new LinkedHashMap<>();
  private final Map<Integer, String> special = new HashMap<>();
  private final Map<Long, Merges.Merge> merges = new HashMap<>();
  private PreTokenizer preTokenizer = PreTokenizer.gpt2();

  private TokenizerFile(String file, JsonNode root) {
    this.file = file;
    this.root = root;
  }

  static ByteLevelTokenizer parse(String json, String file) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new TextModelException(file, "it is not JSON: " + e.getOriginalMessage(), REMEDY, e);
    }
    TokenizerFile parser = new TokenizerFile(file, root);
    parser.settings();
    parser.preTokenizer();
    parser.vocabulary();
    parser.merges();
    parser.addedTokens();
    return new ByteLevelTokenizer(parser.vocabulary, parser.added, parser.special, new Merges(parser.merges), parser.preTokenizer,
        root.at("/normalizer/type").asText().equals("NFC"), root.at("/model/ignore_merges").asBoolean(false));
  }

  private void settings() {
    require("/normalizer/type", "", "NFC");
    require("/post_processor/type", "", "ByteLevel");
    require("/decoder/type", "ByteLevel");
    require("/model/type", "BPE");
    require("/model/dropout", "", "null", "0.0");
    require("/model/continuing_subword_prefix", "", "null");
    require("/model/end_of_word_suffix", "", "null");
    require("/model/byte_fallback", "", "false");
    require("/truncation", "", "null");
    require("/padding", "", "null");
  }

  private void preTokenizer() {
    JsonNode node = root.path("pre_tokenizer");
    require("/pre_tokenizer/type", "ByteLevel", "Sequence");
    if (node.path("type").asText().equals("ByteLevel")) {
      require("/pre_tokenizer/add_prefix_space", "false");
      require("/pre_tokenizer/use_regex", "true", "");
      return;
    }
    String at = "/pre_tokenizer/pretokenizers";
    if (root.at(at).size() != 2) {
      throw bad(at + " has " + root.at(at).size() + " steps instead of Split and ByteLevel");
    }
    require(at + "/0/type", "Split");
    require(at + "/0/behavior", "Isolated");
    require(at + "/0/invert", "false");
    require(at + "/1/type", "ByteLevel");
    require(at + "/1/add_prefix_space", "false");
    require(at + "/1/use_regex", "false");
    String expression = root.at(at + "/0/pattern/Regex").asText();
    preTokenizer = PreTokenizer.known(expression).orElseThrow(() -> bad(at + "/0/pattern is the unknown expression " + expression));
  }

  private void vocabulary() {
    JsonNode vocab = root.at("/model/vocab");
    Map<Integer, String> owners = new HashMap<>();
    vocab.properties().forEach(field -> {
      int id = id(field.getValue(), "/model/vocab/" + field.getKey());
      String other = owners.put(id, field.getKey());
      if (other != null) {
        throw bad("/model/vocab gives the id " + id + " to '" + other + "' and to '" + field.getKey() + "'");
      }
      vocabulary.put(field.getKey(), id);
    });
    for (int b = 0; b < 256; b++) {
      if (!vocabulary.containsKey(String.valueOf(ByteAlphabet.character(b)))) {
        throw bad("/model/vocab has no token for the byte " + b);
      }
    }
  }

  private void merges() {
    int rank = 0;
    for (JsonNode merge : root.at("/model/merges")) {
      String[] parts = merge.isArray() ? new String[] {merge.path(0).asText(), merge.path(1).asText()} : merge.asText().split(" ", -1);
      Integer left = parts.length == 2 ? vocabulary.get(parts[0]) : null;
      Integer right = parts.length == 2 ? vocabulary.get(parts[1]) : null;
      Integer joined = parts.length == 2 ? vocabulary.get(parts[0] + parts[1]) : null;
      if (left == null || right == null || joined == null) {
        throw bad("/model/merges/" + rank + " (" + merge + ") speaks of tokens that the vocabulary lacks");
      }
      merges.put(Merges.pair(left, right), new Merges.Merge(rank, joined));
      rank++;
    }
  }

  private void addedTokens() {
    int index = 0;
    for (JsonNode token : root.path("added_tokens")) {
      String at = "/added_tokens/" + index++;
      require(at + "/single_word", "false", "");
      require(at + "/lstrip", "false", "");
      require(at + "/rstrip", "false", "");
      String content = token.path("content").asText();
      if (content.isEmpty()) {
        throw bad(at + " has no content");
      }
      int id = id(token.path("id"), at + "/id");
      added.put(content, id);
      if (token.path("special").asBoolean(false)) {
        special.put(id, content);
      }
    }
  }

  private int id(JsonNode value, String at) {
    if (!value.isInt() || value.asInt() < 0 || value.asInt() > MAX_ID) {
      throw bad(at + " is " + value + " instead of an id");
    }
    return value.asInt();
  }

  /** The empty string stands for a missing setting. */
  private void require(String at, String... known) {
    JsonNode node = root.at(at);
    String value = node.isMissingNode() ? "" : node.asText();
    if (!java.util.List.of(known).contains(value)) {
      throw bad(at + " is '" + value + "', which this tokenizer does not know (known: " + String.join(", ", known) + ")");
    }
  }

  private TextModelException bad(String problem) {
    return new TextModelException(file, problem, REMEDY);
  }
}
