package dev.syrinx.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlossaryTest {
  @Test
  void longestFirstInAnyCase() {
    Glossary glossary = Glossary.parse("AB: one\nABC: two\n", "g");
    assertEquals("two one onex", glossary.apply("abc ab ABx", Language.ENGLISH));
  }

  @Test
  void aLanguageWithoutReadingFallsBackToTheTerm() {
    Glossary glossary = Glossary.parse("TTS: {zh: 语音合成}", "g");
    assertEquals("语音合成", glossary.apply("tts", Language.CHINESE));
    assertEquals("TTS", glossary.apply("tts", Language.ENGLISH));
  }

  @Test
  void readingsAreTemplates() {
    Glossary glossary = Glossary.parse("{\"a.b\": \"x\\\\\\\\y\\\\g<0>$1\"}", "g");
    assertEquals("x\\yA.B$1 aXb", glossary.apply("A.B aXb", Language.ENGLISH));
  }

  @Test
  void termsThatYamlTakesForSomethingElse() {
    Glossary glossary = Glossary.parse("no: nope\n5: five\ntrue: yes\nx: 7\n", "g");
    assertEquals("nope five yes 7", glossary.apply("no 5 true x", Language.ENGLISH));
  }

  @Test
  void aFolderMayHaveNone(@TempDir Path folder) throws IOException {
    assertSame(Glossary.empty(), Glossary.ofFolder(folder));
    Files.writeString(folder.resolve(Glossary.FILE), "a: b");
    assertEquals(1, Glossary.ofFolder(folder).size());
    Files.write(folder.resolve(Glossary.FILE), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThrows(TextModelException.class, () -> Glossary.ofFolder(folder));
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a\n- b", "just text", "a: [1, 2]", "a: {zh: [1]}",
    "a:", "a: ''", "'': b", "a: 'x\\1'", "a: 'x\\'", "a: 'x\\q'", "{",
    "a: &x [*x]", "a: {zh: b", "\t: b"})
  void otherFormsAreRefusedWithTheFileName(String yaml) {
    TextModelException e = assertThrows(TextModelException.class, () -> Glossary.parse(yaml, "glossary.yaml"));
    assertTrue(e.getMessage().startsWith("glossary.yaml: "), e.getMessage());
  }

  @Test
  void emptyFilesAreEmptyGlossaries() {
    assertEquals(0, Glossary.parse("", "g").size());
    assertEquals(0, Glossary.parse("# nothing\n", "g").size());
  }
}
