package dev.syrinx.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.model.emotion.EmotionTextModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.text.CjkText;
import dev.syrinx.text.Glossary;
import dev.syrinx.text.Language;
import dev.syrinx.text.Pinyin;
import dev.syrinx.text.PreparedText;
import dev.syrinx.text.Segment;
import dev.syrinx.text.SegmentSplitter;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.TextNormalizer;
import dev.syrinx.text.Tokenizer;
import dev.syrinx.text.emotion.EmotionAnswer;
import dev.syrinx.text.emotion.EmotionLabel;
import dev.syrinx.text.emotion.EmotionPrompt;
import dev.syrinx.text.emotion.EmotionVector;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import dev.syrinx.weights.GenerationConfig;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.QwenConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** {@code text.json} and {@code qwen.json}: the golden data that is no tensors. Numbers are not read out there, so they are not here. */
final class TextStages {
  private TextStages() {}

  /** Counts rows that agree. */
  private static final class Tally {
    private int all;
    private int wrong;
    private String first = "";

    void row(String what, Object want, Object got) {
      all++;
      if (!want.equals(got)) {
        first = wrong++ == 0 ? what + ": " + got + " instead of " + want : first;
      }
    }

    Check check(String stage, String output) {
      return Check.rows(stage, output, wrong, all, first);
    }
  }

  static List<Check> text(VerifyContext c) {
    JsonNode text = c.golden.json("text.json");
    Tokenizer tokenizer = SentencePieceTokenizer.read(c.folder.files().path(ModelFile.TOKENIZER));
    TextFrontEnd plain = new TextFrontEnd(new TextNormalizer(NumberReader.identity(), Glossary.empty()), tokenizer);
    Glossary glossary = Glossary.parse(text.path("glossary").toString(), "golden glossary");
    TextFrontEnd glossed = new TextFrontEnd(new TextNormalizer(NumberReader.identity(), glossary), tokenizer);
    List<Check> checks = new ArrayList<>();
    checks.addAll(rows(plain, text.path("texts")));
    Tally withGlossary = new Tally();
    for (JsonNode row : text.path("glossary_texts")) {
      PreparedText got = glossed.replay(row.path("text").asText(), new SegmentSplitter(SegmentSplitter.DEFAULT_LIMIT, 0));
      withGlossary.row(
          row.path("text").asText(), List.of(row.path("normalized").asText(), ints(row.path("ids"))), List.of(got.normalized(), got.ids()));
    }
    checks.add(withGlossary.check("text", "glossary_texts"));
    Tally pinyin = new Tally();
    text.path("correct_pinyin").properties().forEach(e -> pinyin.row(e.getKey(), e.getValue().asText(), Pinyin.correct(e.getKey())));
    checks.add(pinyin.check("text", "correct_pinyin"));
    Tally split = new Tally();
    text.path("pretokenize").properties().forEach(e -> split.row(e.getKey(), e.getValue().asText(), CjkText.preTokenize(e.getKey())));
    checks.add(split.check("text", "pretokenize"));
    checks.add(unigram(c, text.path("unigram")));
    return checks;
  }

  private static List<Check> rows(TextFrontEnd front, JsonNode texts) {
    Tally language = new Tally();
    Tally normalized = new Tally();
    Tally pieces = new Tally();
    Tally segments = new Tally();
    for (JsonNode row : texts) {
      String said = row.path("text").asText();
      PreparedText got = front.replay(said, new SegmentSplitter(SegmentSplitter.DEFAULT_LIMIT, 0));
      language.row(said, row.path("chinese").asBoolean(), got.language() == Language.CHINESE);
      normalized.row(
          said, List.of(row.path("normalized").asText(), row.path("pretokenized").asText()), List.of(got.normalized(), got.preTokenized()));
      pieces.row(said, List.of(strings(row.path("pieces")), ints(row.path("ids"))), List.of(got.pieces(), got.ids()));
      row.path("segments").properties().forEach(column -> segments(front, row, column.getKey(), segments));
    }
    return List.of(
        language.check("text", "chinese"), normalized.check("text", "normalized"), pieces.check("text", "ids"),
        segments.check("text", "segments"));
  }

  private static void segments(TextFrontEnd front, JsonNode row, String key, Tally tally) {
    String[] limits = key.split("/", -1);
    SegmentSplitter splitter = new SegmentSplitter(Integer.parseInt(limits[0]), Integer.parseInt(limits[1]));
    JsonNode golden = row.path("segment_ids_" + limits[0] + "_" + limits[1]);
    if (!golden.isArray()) {
      return; // a string is an error of the official splitter
    }
    List<List<Integer>> want = StreamSupport.stream(golden.spliterator(), false).map(TextStages::ints).toList();
    tally.row(
        row.path("text").asText() + " at " + key, want, front.replay(row.path("text").asText(), splitter).segments().stream()
            .map(Segment::ids).toList());
  }

  private static Check unigram(VerifyContext c, JsonNode unigram) {
    Tally tally = new Tally();
    Tokenizer tokenizer = SentencePieceTokenizer.read(c.golden.path(unigram.path("model").asText()));
    for (JsonNode row : unigram.path("texts")) {
      String said = row.path("text").asText();
      tally.row(said, ints(row.path("ids")), tokenizer.pieces(said).stream().map(tokenizer::id).toList());
    }
    return tally.check("text", "unigram");
  }

  static List<Check> emotionModel(VerifyContext c) {
    JsonNode qwen = c.golden.json("qwen.json");
    Path home = c.folder.files().path(ModelFile.EMOTION_MODEL).toAbsolutePath().getParent();
    EmotionPrompt prompt = EmotionPrompt.read(home);
    EmotionTextModel model = EmotionTextModel.load(
        c.folder.emotionModel(), QwenConfig.read(c.folder.files().path(ModelFile.EMOTION_MODEL_CONFIG)),
        GenerationConfig.read(c.folder.files().path(ModelFile.EMOTION_MODEL_GENERATION)).endTokens(),
        new Parameters(c.ops.backend(), Precision.FP32));
    Tally rendered = new Tally();
    Tally answers = new Tally();
    List<Check> checks = new ArrayList<>();
    for (JsonNode row : qwen.path("texts")) {
      String said = row.path("text").asText();
      rendered.row(said, ints(row.path("prompt_ids")), boxed(prompt.ids(said)));
      c.forget();
      List<Integer> want = ints(row.path("output_ids"));
      answers.row(said, want, boxed(model.generate(c.ops, unboxed(ints(row.path("prompt_ids"))), Math.max(1, want.size()))));
      if (row.has("first_logits")) {
        checks.add(Check.floats("qwen", "first_logits", floats(row.path("first_logits")), c.tap("emotion.first_logits"), 1e-3));
      }
    }
    Tally parsed = new Tally();
    for (JsonNode row : qwen.path("parse")) {
      parsed.row(
          row.path("answer").asText(), weights(row.path("result")),
          EmotionAnswer.parse(row.path("answer").asText(), row.path("text").asText()));
    }
    checks.addFirst(parsed.check("qwen", "parse"));
    checks.addFirst(answers.check("qwen", "output_ids"));
    checks.addFirst(rendered.check("qwen", "prompt_ids"));
    return checks;
  }

  private static EmotionVector weights(JsonNode result) {
    double[] weights = new double[EmotionLabel.values().length];
    for (EmotionLabel label : EmotionLabel.values()) {
      weights[label.index()] = result.path(label.english()).asDouble();
    }
    return EmotionVector.of(weights);
  }

  private static List<Integer> ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asInt).toList();
  }

  private static List<String> strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static List<Integer> boxed(int[] values) {
    return java.util.Arrays.stream(values).boxed().toList();
  }

  private static int[] unboxed(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  private static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).asDouble();
    }
    return values;
  }
}
