package dev.syrinx.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Machine-readable output: records and maps as indented JSON. */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  /** The value as JSON text. */
  public static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not representable as JSON: " + value, e);
    }
  }

  /** Writes it to a file. */
  public static void write(Path file, Object value) {
    try {
      Files.writeString(file, text(value) + "\n");
    } catch (IOException e) {
      throw new CommandException.BadInput(file + " cannot be written: " + e.getMessage());
    }
  }
}
