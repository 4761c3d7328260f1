package dev.syrinx.bench.study;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A program that writes down what it hears: called with the name of a WAV file, it prints the words. */
public final class Recognizer {
  private static final int WAIT_SECONDS = 120;

  private final List<String> command;

  /** @param command program and arguments, divided by spaces; the file's name comes behind them */
  public Recognizer(String command) {
    this.command = List.of(command.strip().split("\\s+"));
  }

  /**
   * What is said in a file.
   *
   * @throws IOException if the program cannot be run, fails or takes minutes
   */
  String hear(Path file) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.add(file.toString());
    Process process = new ProcessBuilder(all).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command + " took more than " + WAIT_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + command, e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(command + " ended with exit code " + process.exitValue());
    }
    return said;
  }

  /** Words of a text without case and punctuation. */
  static List<String> words(String text) {
    String plain = text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}' ]", " ").strip();
    return plain.isEmpty() ? List.of() : Arrays.asList(plain.split("\\s+"));
  }

  /** Insertions, deletions and replacements between the words of two texts. */
  static int edits(String text, String heard) {
    List<String> a = words(text);
    List<String> b = words(heard);
    int[] row = new int[b.size() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.size(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.size(); j++) {
        int above = row[j];
        int same = diagonal + (a.get(i - 1).equals(b.get(j - 1)) ? 0 : 1);
        row[j] = Math.min(same, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.size()];
  }
}
