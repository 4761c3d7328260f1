package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.text.numbers.NumberReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the golden rows do not reach: fallbacks, placeholders, the choice of language. */
class TextNormalizerTest {
  private static final TextNormalizer IDENTITY = new TextNormalizer(NumberReader.identity(), Glossary.empty());

  @ParameterizedTest
  @CsvSource({
    "hello, ENGLISH", "你, CHINESE", "123, CHINESE", "name@site.com, CHINESE", "my name@site.com, ENGLISH", "A1, CHINESE", "v2, CHINESE",
    "E2, CHINESE", "S1 B2 F5, ENGLISH", "MP3 and GPT4, ENGLISH", "IPv4, ENGLISH", "beta1, ENGLISH", "voice2, ENGLISH", "LÜ4, CHINESE",
    "かな, CHINESE", "한글 text, ENGLISH", "<a|b>, ENGLISH"})
  void language(String text, Language expected) {
    assertEquals(expected, TextNormalizer.language(text));
  }

  @Test
  void aFailingReaderLeavesWhatTheReferenceLeaves() {
    NumberReader failing = (text, language) -> {
      throw new IllegalStateException("on purpose");
    };
    TextNormalizer normalizer = new TextNormalizer(failing, Glossary.parse("gpt: gee pee tee", "g"));
    assertEquals("", normalizer.normalize("你好 GPT"));
    assertEquals("it is gee pee tee-5, no?", normalizer.normalize("it's GPT-5: no?"));
  }

  @Test
  void theReaderSeesPlaceholders() {
    List<String> seen = new ArrayList<>();
    NumberReader spy = (text, language) -> {
      seen.add(text);
      return text.replace("<H>", " <H> ");
    };
    TextNormalizer normalizer = new TextNormalizer(spy, Glossary.empty());
    assertEquals("XVAN4-GPT-4 约翰-史密斯 <重|chong2>", normalizer.normalize("xuan4-GPT-4 约翰·史密斯 <重|chong2>"));
    assertEquals(List.of("<pinyin_a><H>GPT<H>4 <n_a> PRONPLACEHOLDERaPRONPLACEHOLDER"), seen);
  }

  @Test
  void placeholdersOutnumberTheAlphabet() {
    StringBuilder text = new StringBuilder("好");
    for (int i = 0; i < 2000; i++) {
      text.append(' ').append(Character.toString(0x4e00 + i)).append('·').append(Character.toString(0x5e00 + i));
      text.append(" <x|").append(i).append('>');
    }
    for (String initial : List.of("b", "p", "m", "f", "d", "t", "n", "l", "zh", "ch", "sh", "z", "c", "s")) {
      for (int tone = 1; tone <= 5; tone++) {
        text.append(' ').append(initial).append('a').append(tone);
      }
    }
    assertEquals(text.toString().replace('·', '-'), IDENTITY.normalize(text.toString()));
  }

  @Test
  void aSyllableIsAlsoReplacedInsideAWord() {
    assertEquals("好JV4 xJV4", IDENTITY.normalize("好ju4 xju4"));
    assertEquals("XVAN1和an1", IDENTITY.normalize("xuan1和an1"));
  }

  @Test
  void annotationsThatAreNoneStay() {
    for (String text : List.of("<a|b", "<|b> x", "<a|> x", "<a\n|b>", "a|b>", "<<a|b|c>>", "<a>|<b>")) {
      assertEquals(text.replace('\n', ' '), IDENTITY.normalize(text));
    }
    assertEquals("PRONPLACEHOLDERaPRONPLACEHOLDER x", IDENTITY.normalize("PRONPLACEHOLDERaPRONPLACEHOLDER x"));
    assertEquals("<a|b> PRONPLACEHOLDERzPRONPLACEHOLDER", IDENTITY.normalize("<a|b> PRONPLACEHOLDERzPRONPLACEHOLDER"));
  }

  @Test
  void onlyChineseTextLosesItsEndAndItsDollars() {
    assertEquals("好.5", IDENTITY.normalize("好$5 \n"));
    assertEquals("x $5  ", IDENTITY.normalize("x $5 \n"));
    assertTrue(IDENTITY.normalize("  ").isEmpty());
  }
}
