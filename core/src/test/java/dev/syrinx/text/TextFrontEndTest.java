package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole front end against the golden rows, which were made without reading numbers. */
class TextFrontEndTest {
  private static final JsonNode GOLDEN = Golden.json("text.json");
  private static final Tokenizer TOKENIZER = SentencePieceTokenizer.read(Golden.folder().resolve("bpe.model"));
  private static final SegmentSplitter USUAL = new SegmentSplitter(SegmentSplitter.DEFAULT_LIMIT, 0);

  private static TextFrontEnd frontEnd(Glossary glossary) {
    return new TextFrontEnd(new TextNormalizer(NumberReader.identity(), glossary), TOKENIZER);
  }

  static Stream<JsonNode> rows() {
    return Golden.list(GOLDEN.get("texts")).stream();
  }

  static Stream<JsonNode> glossaryRows() {
    return Golden.list(GOLDEN.get("glossary_texts")).stream();
  }

  @Test
  void goldenDataHaveTheRowsThisTestIsAbout() {
    assertTrue(rows().count() >= 64);
    assertTrue(glossaryRows().count() >= 22);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyColumnOfEveryRow(JsonNode row) {
    PreparedText prepared = frontEnd(Glossary.empty()).replay(row.get("text").asText(), USUAL);
    assertEquals(row.get("chinese").asBoolean(), prepared.language() == Language.CHINESE);
    assertEquals(row.get("normalized").asText(), prepared.normalized());
    assertEquals(row.get("pretokenized").asText(), prepared.preTokenized());
    assertEquals(Golden.strings(row.get("pieces")), prepared.pieces());
    assertEquals(Golden.integers(row.get("ids")), prepared.ids());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everySegmentOfEveryRow(JsonNode row) {
    assertTrue(row.get("segments").size() >= 4);
    row.get("segments").properties().forEach(column -> {
      String[] key = column.getKey().split("/");
      SegmentSplitter splitter = new SegmentSplitter(Integer.parseInt(key[0]), Integer.parseInt(key[1]));
      List<Segment> segments = frontEnd(Glossary.empty()).replay(row.get("text").asText(), splitter).segments();
      assertEquals(Golden.integers(column.getValue()), segments.stream().map(segment -> segment.ids().size()).toList());
      JsonNode ids = row.get("segment_ids_" + key[0] + "_" + key[1]);
      assertEquals(Golden.list(ids).stream().map(Golden::integers).toList(), segments.stream().map(Segment::ids).toList());
    });
  }

  @ParameterizedTest
  @MethodSource("glossaryRows")
  void everyRowWithTheGlossary(JsonNode row) {
    Glossary glossary = Glossary.parse(GOLDEN.get("glossary").toString(), "golden glossary");
    PreparedText prepared = frontEnd(glossary).replay(row.get("text").asText(), USUAL);
    assertEquals(row.get("normalized").asText(), prepared.normalized());
    assertEquals(Golden.integers(row.get("ids")), prepared.ids());
  }

  @Test
  void pinyinIsCorrected() {
    GOLDEN.get("correct_pinyin").properties().forEach(row -> assertEquals(row.getValue().asText(), Pinyin.correct(row.getKey())));
  }

  @Test
  void preTokenizing() {
    GOLDEN.get("pretokenize").properties().forEach(row -> assertEquals(row.getValue().asText(), CjkText.preTokenize(row.getKey())));
  }

  @Test
  void unigramModel() {
    JsonNode unigram = GOLDEN.get("unigram");
    Tokenizer tokenizer = SentencePieceTokenizer.read(Golden.folder().resolve("golden").resolve(unigram.get("model").asText()));
    for (JsonNode row : unigram.get("texts")) {
      List<Integer> ids = tokenizer.pieces(row.get("text").asText()).stream().map(tokenizer::id).toList();
      assertEquals(Golden.integers(row.get("ids")), ids, row.get("text").asText());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t\u3000", "...", "“！？”", "\ud83d\ude00\ud83d\ude00", "😀"})
  void textWithNothingToSpeakIsRefused(String text) {
    assertThrows(TextException.class, () -> frontEnd(Glossary.empty()).prepare(text, USUAL));
  }

  @Test
  void whatTheVocabularyLacksIsNotCalledPunctuation() {
    TextException unknown = assertThrows(TextException.class, () -> frontEnd(Glossary.empty()).prepare("😀", USUAL));
    assertTrue(unknown.getMessage().contains("nothing that the vocabulary of the model knows"), unknown.getMessage());
    TextException dots = assertThrows(TextException.class, () -> frontEnd(Glossary.empty()).prepare(".", USUAL));
    assertTrue(dots.getMessage().contains("punctuation only"), dots.getMessage());
  }

  @Test
  void unknownPiecesAreReportedAndSpokenAroundThem() {
    PreparedText prepared = frontEnd(Glossary.empty()).prepare("😀 emoji in text \ud83d", USUAL);
    assertEquals(1, prepared.warnings().size());
    assertTrue(prepared.warnings().getFirst().contains("😀"), prepared.warnings().getFirst());
    assertTrue(prepared.ids().contains(TOKENIZER.unknownId()));
    assertTrue(frontEnd(Glossary.empty()).prepare("Hello world.", USUAL).warnings().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "好", "<", "<a|", "a-", "it's ", "好-", "zhuang4", "1,",
    "-", "'.", " ", "PRONPLACEHOLDER", "😀", "e\u0301", "<a|b>"})
  void aHundredThousandCharactersTakeLittleTime(String unit) {
    String text = "x " + unit.repeat(100_000 / unit.length());
    PreparedText prepared = CpuTime.within(4, () -> frontEnd(Glossary.empty()).replay(text, USUAL));
    assertFalse(prepared.segments().isEmpty());
  }
}
