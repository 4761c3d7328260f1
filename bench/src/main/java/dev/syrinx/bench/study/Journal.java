package dev.syrinx.bench.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Everything that a study has found out so far, one line of JSON each, on the disk before the study goes on: whenever it is interrupted, it keeps what it had.
 */
final class Journal implements AutoCloseable {
  static final String FILE = "rounds.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final FileChannel channel;
  private final List<JsonNode> before;

  private Journal(FileChannel channel, List<JsonNode> before) {
    this.channel = channel;
    this.before = before;
  }

  /**
   * Opens a folder's journal; what a sudden end left of its last line is cut off.
   *
   * @throws IOException if the folder cannot be written
   */
  static Journal open(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(FILE);
    List<JsonNode> entries = new ArrayList<>();
    long whole = 0;
    if (Files.exists(file)) {
      byte[] bytes = Files.readAllBytes(file);
      int start = 0;
      for (int i = 0; i < bytes.length; i++) {
        if (bytes[i] == '\n') {
          entries.add(entry(file, new String(bytes, start, i - start, StandardCharsets.UTF_8)));
          start = i + 1;
        }
      }
      whole = start;
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    channel.truncate(whole).position(whole);
    return new Journal(channel, List.copyOf(entries));
  }

  private static JsonNode entry(Path file, String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new StudyException(file + " is damaged: " + e.getOriginalMessage() + "; move it away to begin anew", e);
    }
  }

  /** What was there when it was opened. */
  List<JsonNode> before() {
    return before;
  }

  /** An entry's value as JSON. */
  static JsonNode json(Object value) {
    return JSON.valueToTree(value);
  }

  static <T> T of(JsonNode node, Class<T> type) {
    try {
      return JSON.treeToValue(node, type);
    } catch (JsonProcessingException e) {
      throw new StudyException("an entry of the journal is damaged: " + e.getOriginalMessage(), e);
    }
  }

  /** Appends an entry; it is on the disk when this returns. */
  void add(Object entry) {
    try {
      ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(false);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the study's journal", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the study's journal", e);
    }
  }
}
