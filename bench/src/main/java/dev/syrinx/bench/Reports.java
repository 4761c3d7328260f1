package dev.syrinx.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Writes results. */
public final class Reports {
  private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Reports() {}

  /** A report as indented JSON. */
  public static String json(Map<String, Object> report) {
    try {
      return JSON.writeValueAsString(report);
    } catch (IOException e) {
      throw new UncheckedIOException("a report of maps and numbers is always JSON", e);
    }
  }

  /**
   * Writes a report to a file, creating its folder.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Map<String, Object> report) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Files.writeString(file, json(report) + "\n");
  }
}
