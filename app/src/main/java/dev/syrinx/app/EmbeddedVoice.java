package dev.syrinx.app;

import dev.syrinx.testdata.TestData;
import java.nio.file.Path;

/** The small model that comes with the program, and its recordings; builds without them exist. */
final class EmbeddedVoice {
  private EmbeddedVoice() {}

  /**
   * Its folder.
   *
   * @param instead what to give where it is not there, in words
   * @throws CommandException.BadInput if this build has none
   */
  static Path folder(String instead) {
    try {
      return TestData.folder(TestData.VOICE_EN);
    } catch (IllegalArgumentException e) {
      throw new CommandException.BadInput("the embedded voice is not in this build: give " + instead, e);
    }
  }
}
