package dev.syrinx.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A process without the Vector API module: the catalogue loads, says why it is slow, and every reference runs. */
final class WithoutVectorsTest {
  @Test
  void referencesRunWithoutTheModule() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-cp", System.getProperty("java.class.path"), ReferenceRun.class.getName())
            .redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end: " + output);
    assertEquals(0, process.exitValue(), output);
    assertTrue(output.contains("--add-modules jdk.incubator.vector"), output);
    assertTrue(output.contains("ran " + KernelCatalog.ALL.size() + " kernels"), output);
  }
}
