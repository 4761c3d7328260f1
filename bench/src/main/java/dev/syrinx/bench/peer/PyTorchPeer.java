package dev.syrinx.bench.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** PyTorch in a process of its own, driven line by line: see {@code bench/peers/pytorch.py}. */
final class PyTorchPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final BufferedReader in;
  private final Writer out;
  private final String version;

  PyTorchPeer(Path python, Path script) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(List.of(python.toString(), script.toString())).redirectError(ProcessBuilder.Redirect.INHERIT);
      // Between runs the peer's threads sleep: spinning, they would take the cores from our turn.
      builder.environment().put("OMP_WAIT_POLICY", "passive");
      process = builder.start();
      in = process.inputReader(StandardCharsets.UTF_8);
      out = process.outputWriter(StandardCharsets.UTF_8);
      version = answer().path("version").asText();
    } catch (IOException e) {
      throw failed("cannot use " + python + " (" + e.getMessage() + "): name a Python that has torch with --python", e);
    }
  }

  String version() {
    return version;
  }

  /** @param place threads, device and type, in the peer's words */
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
      return answer();
    } catch (IOException e) {
      throw failed("the PyTorch process ended at '" + line + "': " + e.getMessage(), e);
    }
  }

  private static UncheckedIOException failed(String message, IOException cause) {
    return new UncheckedIOException(new IOException(message, cause));
  }

  private JsonNode answer() throws IOException {
    String line = in.readLine();
    if (line == null) {
      throw new IOException("no answer; is torch installed in that Python?");
    }
    return JSON.readTree(line);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
