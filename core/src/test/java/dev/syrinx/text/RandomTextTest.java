package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.testdata.TestData;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ten thousand seeded texts of every kind of trouble end in segments or in a {@link TextException}, and quickly. */
class RandomTextTest {
  private static final long SEED = 20261123;
  private static final int TEXTS = 10_000;
  private static final String[] PARTS = {
    "Hello", " ", "你好", "，", "。", "1,234.5", "-7%", "3/4", "$12.50", "￥8", "2026-11-23", "12:30",
    "zhuang4", "ju4", "<", "|", ">", "<a|b>", "It's", "'", "\"", "GPT-4-o", "a@b.c", "😀",
    "\ud83d", "\u0000", "\u202e", "e\u0301", "ß", "ﬁ", "--", "...", "……", "\n", "\t", "\u3000",
    "Ⅷ", "①", "１２", "√2", "x²", "°C", "№5", "§", "\\", "$1", "(?:", "[", "]", "{", "}", "http://a.b/c?d=e"
  };

  @Test
  void everyTextEndsWell() {
    TextFrontEnd front =
        new TextFrontEnd(
            new TextNormalizer(NumberReader.spoken(), Glossary.empty()),
            SentencePieceTokenizer.read(TestData.folder(TestData.TINY_A).resolve("bpe.model")));
    long start = System.nanoTime();
    for (int i = 0; i < TEXTS; i++) {
      String text = text(new SplittableRandom(SEED + i));
      try {
        front.prepare(text, new SegmentSplitter(20 + i % 120, i % 3 * 20));
      } catch (TextException e) {
        assertTrue(e.getMessage().length() > 10, "text " + i + " of seed " + SEED);
      } catch (RuntimeException e) {
        throw new AssertionError("text " + i + " of seed " + SEED + ": " + text, e);
      }
    }
    assertTrue(System.nanoTime() - start < 120e9, "a text takes milliseconds at most, even on a busy machine");
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(1, 14); n > 0; n--) {
      text.append(random.nextInt(6) == 0 ? Character.toString(random.nextInt(0x110000)) : PARTS[random.nextInt(PARTS.length)]);
      text.append(random.nextInt(3) == 0 ? " " : "");
    }
    return text.toString();
  }
}
