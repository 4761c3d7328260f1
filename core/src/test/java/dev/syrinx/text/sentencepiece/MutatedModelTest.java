package dev.syrinx.text.sentencepiece;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.syrinx.text.CpuTime;
import dev.syrinx.text.Golden;
import dev.syrinx.text.TextModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and hostile model files end in a clear exception or in a usable tokenizer, and in nothing else. */
class MutatedModelTest {
  private static final int MUTATIONS = 1000;
  private static final List<String> TEXTS =
      List.of("HELLO WORLD.", "你 好 WORLD ， 全 角 ＡＢＣ ﬁ ½ …", "😀 한글 x\u0301\u0308 e\u0301 ㍿ \u1100\u1161", "  A  B ");

  @ParameterizedTest
  @ValueSource(strings = {"bpe.model", "golden/unigram.model"})
  void mutatedFiles(String file) throws IOException {
    byte[] good = Files.readAllBytes(Golden.folder().resolve(file));
    int[] outcomes = new int[2];
    for (int seed = 0; seed < MUTATIONS; seed++) {
      byte[] bad = mutate(good, new Random(seed));
      int outcome = seed;
      outcomes[CpuTime.within(4, () -> load(bad, outcome)) ? 1 : 0]++;
    }
    assertTrue(outcomes[0] > 100 && outcomes[1] > 100, () -> "refused, accepted: " + Arrays.toString(outcomes));
  }

  private static boolean load(byte[] bad, int seed) {
    try {
      SentencePieceTokenizer tokenizer = SentencePieceTokenizer.parse(bad, "mutated.model");
      TEXTS.forEach(text -> tokenizer.pieces(text).forEach(tokenizer::id));
      return true;
    } catch (TextModelException e) {
      assertTrue(e.getMessage().startsWith("mutated.model: "), e.getMessage());
      return false;
    } catch (RuntimeException e) {
      return fail("seed " + seed, e);
    }
  }

  /** Half of the changes fall anywhere, half near the end, where the settings and the character conversion are. */
  private static byte[] mutate(byte[] good, Random random) {
    byte[] bad = good.clone();
    int changes = 1 + random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      int at = random.nextBoolean() ? random.nextInt(bad.length) : bad.length - 1 - random.nextInt(Math.min(bad.length, 240_000));
      bad[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : bad[at] ^ 1 << random.nextInt(8));
    }
    return random.nextInt(10) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
  }

  @Test
  void hostileLengthsNameTheProblem() {
    byte[] endless = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f};
    TextModelException e = assertThrows(TextModelException.class, () -> SentencePieceTokenizer.parse(endless, "bpe.model"));
    assertTrue(e.getMessage().contains("claims"), e.getMessage());
    byte[] text = "version https://example.org/lfs".getBytes(StandardCharsets.UTF_8);
    assertThrows(TextModelException.class, () -> SentencePieceTokenizer.parse(text, "bpe.model"));
    assertThrows(TextModelException.class, () -> SentencePieceTokenizer.parse(new byte[0], "bpe.model"));
    assertThrows(TextModelException.class, () -> SentencePieceTokenizer.read(Golden.folder().resolve("no-such.model")));
  }
}
