package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** KERNELS.md says what the declarations say. */
final class KernelCardsTest {
  @Test
  void pageIsFresh() throws IOException {
    Path file = Path.of(System.getProperty("basedir", "."), "KERNELS.md");
    if (Boolean.getBoolean("syrinx.regenerate")) {
      Files.writeString(file, KernelCards.page());
    }
    String found = Files.exists(file) ? Files.readString(file) : "";
    assertEquals(KernelCards.page(), found, "KERNELS.md is stale: mvn -pl kernels test -Dtest=KernelCardsTest -Dsyrinx.regenerate=true");
  }
}
