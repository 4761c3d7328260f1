package dev.syrinx.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class VersionTest {
  @Test
  void theBuildPutsTheNumberIn() throws Exception {
    assertTrue(Version.number().matches("\\d+\\.\\d+.*|unpackaged"), Version.number());
    assertEquals("1.2.3", Version.filled("1.2.3"));
    assertEquals("unpackaged", Version.filled("${project.version}"));
  }
}
