package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The oddities of the reference's splitter, one by one. */
class SegmentSplitterTest {
  private static List<Integer> sizes(int limit, int quick, String pieces) {
    return new SegmentSplitter(limit, quick).split(List.of(pieces.split(" "))).stream().map(List::size).toList();
  }

  private static String words(int count) {
    return String.join(" ", Collections.nCopies(count, "w"));
  }

  @Test
  void segmentsEndAtCommasAcrossSentences() {
    assertEquals(List.of(112, 51), sizes(120, 0, words(100) + " . " + words(10) + " , " + words(50) + " ."));
  }

  @Test
  void aQuoteAfterAFullStopIsDoubled() {
    List<List<String>> segments = new SegmentSplitter(4, 0).split(List.of("a", "b", ".", "'", "c", "d"));
    assertEquals(List.of(List.of("a", "b", ".", "'"), List.of("'", "c", "d")), segments);
  }

  @Test
  void throughThatQuoteASegmentMayBeOneTooLong() {
    assertEquals(List.of(5, 3), sizes(4, 0, "a b c . ' d e"));
  }

  @Test
  void aCommaRightBehindTheLimitIsASegmentOfItsOwn() {
    assertEquals(List.of(120, 1), sizes(120, 0, words(120) + " ,"));
  }

  @Test
  void longSentencesAreCutBehindTheLimit() {
    assertEquals(List.of(10, 1, 10, 4), sizes(10, 0, words(25)));
  }

  @Test
  void quickStreamingPacksLessAtFirst() {
    String sentences = "a b . ".repeat(12).strip();
    assertEquals(List.of(12, 12, 12), sizes(12, 0, sentences));
    assertEquals(List.of(6, 6, 12, 12), sizes(12, 18, sentences));
  }

  @Test
  void nothingGivesNothing() {
    assertEquals(List.of(), new SegmentSplitter(120, 0).split(List.of()));
    assertThrows(TextException.class, () -> new SegmentSplitter(0, 0));
    assertThrows(TextException.class, () -> new SegmentSplitter(1, -1));
  }

  /** Every piece comes out in order, quotes possibly twice, and no segment is longer than the limit and its quote. */
  @Test
  void nothingIsLost() {
    List<String> alphabet = List.of("w", "w", "w", ".", "▁.", "!", "?", ",", "▁,", "-", "'", "▁'", "▁...");
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      List<String> pieces = new ArrayList<>();
      for (int i = random.nextInt(200); i > 0; i--) {
        pieces.add(alphabet.get(random.nextInt(alphabet.size())));
      }
      int limit = 1 + random.nextInt(40);
      List<List<String>> segments = new SegmentSplitter(limit, random.nextInt(60)).split(pieces);
      List<String> joined = new ArrayList<>();
      segments.forEach(segment -> {
        assertTrue(segment.size() <= limit + 1 && !segment.isEmpty());
        joined.addAll(segment);
      });
      assertEquals(withoutQuotes(pieces), withoutQuotes(joined));
    }
  }

  private static List<String> withoutQuotes(List<String> pieces) {
    return pieces.stream().filter(piece -> !piece.endsWith("'")).toList();
  }
}
