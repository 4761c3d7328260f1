package dev.syrinx.bench.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Another implementation in a process of its own, driven line by line: see {@code bench/peers}. */
final class PeerProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int PATIENCE_SECONDS = 150;

  private final String command;
  private final Process process;
  private final BufferedReader in;
  private final Writer out;
  private final String name;
  private final String version;

  /**
   * Starts it.
   *
   * @throws PeerException if it does not answer
   */
  PeerProcess(Path python, List<String> arguments) {
    command = python + " " + String.join(" ", arguments);
    List<String> words = new java.util.ArrayList<>(List.of(python.toString()));
    words.addAll(arguments);
    try {
      ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT);
      // Between runs the peer's threads sleep: spinning, they would take the cores from our turn.
      builder.environment().put("OMP_WAIT_POLICY", "passive");
      process = builder.start();
    } catch (IOException e) {
      throw new PeerException("cannot start " + command + " (" + e.getMessage() + "): name a Python that has torch with --python", e);
    }
    in = process.inputReader(StandardCharsets.UTF_8);
    out = process.outputWriter(StandardCharsets.UTF_8);
    JsonNode hello = answer("its start");
    name = hello.path("peer").asText();
    version = hello.path("version").asText();
  }

  /** What it is. */
  String name() {
    return name;
  }

  String version() {
    return version;
  }

  /**
   * Prepares a case.
   *
   * @param place threads, device and type, in the peer's words
   * @throws PeerException if the peer refuses it, with its reason
   */
  void setup(String peerCase, String place) {
    ask("setup " + peerCase + " " + place);
  }

  /** Milliseconds of one run, measured inside the peer. */
  double run() {
    return ask("run").path("ms").asDouble();
  }

  private JsonNode ask(String line) {
    try {
      out.write(line + "\n");
      out.flush();
    } catch (IOException e) {
      throw new PeerException(command + " ended before '" + line + "': " + e.getMessage(), e);
    }
    JsonNode answer = answer("'" + line + "'");
    if (answer.has("refused")) {
      throw new PeerException(answer.path("refused").asText());
    }
    return answer;
  }

  private JsonNode answer(String to) {
    try {
      String line = line(to);
      if (line.isEmpty()) {
        throw new PeerException(command + " ended without an answer to " + to + "; is torch installed in that Python?");
      }
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new PeerException(command + " answered " + to + " with something else than JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The next line, empty at the end; a peer that says nothing for too long is ended. */
  private String line(String to) {
    CompletableFuture<String> read = CompletableFuture.supplyAsync(() -> {
      try {
        String line = in.readLine();
        return line == null ? "" : line;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read from " + command, e);
      }
    }, task -> Thread.ofVirtual().start(task));
    try {
      return read.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
      throw new PeerException(command + " did not answer " + to + " within " + PATIENCE_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw new PeerException(String.valueOf(e.getCause().getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerException("interrupted while " + command + " answers", e);
    }
  }

  @Override
  public void close() {
    process.destroy();
  }
}
