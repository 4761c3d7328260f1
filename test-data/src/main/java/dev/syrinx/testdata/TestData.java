package dev.syrinx.testdata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the files of this module, whether it stands as a folder of classes or as a JAR. Provenance: this module's README. */
public final class TestData {
  /** The reference model of random weights, in the official file layout; {@code golden/} inside it holds its golden data. */
  public static final String TINY_A = "tiny-a";

  /** A small trained voice in the official file layout; {@code voices/} inside it holds reference clips, {@code golden/} golden data. */
  public static final String VOICE_EN = "voice-en";

  /** System property: a folder in which the data sets lie as files, so that nothing has to be unpacked. The launcher sets it. */
  public static final String FOLDER_PROPERTY = "syrinx.testdata";

  private TestData() {}

  /**
   * The folder of a data set, as ordinary files that can be mapped into memory. From a JAR they are unpacked once per process, unless {@link #FOLDER_PROPERTY} says where they lie.
   *
   * @throws IllegalArgumentException if no such data set is here
   */
  public static synchronized Path folder(String name) {
    String unpacked = System.getProperty(FOLDER_PROPERTY);
    if (unpacked != null && Files.isDirectory(Path.of(unpacked, name))) {
      return Path.of(unpacked, name);
    }
    URL url = TestData.class.getResource(name);
    if (url == null) {
      throw new IllegalArgumentException("no test data named '" + name + "' in " + TestData.class.getPackageName());
    }
    try {
      URI uri = url.toURI();
      return "jar".equals(uri.getScheme()) ? Unpacked.of(uri, name) : Path.of(uri);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("unreadable resource address " + url, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack test data '" + name + "' into the temporary folder", e);
    }
  }

  /** Copies of packed data sets, removed when the process ends. */
  private static final class Unpacked {
    private static final java.util.Map<String, Path> FOLDERS = new java.util.HashMap<>();

    static Path of(URI uri, String name) throws IOException {
      Path known = FOLDERS.get(name);
      if (known != null) {
        return known;
      }
      Path target = Files.createTempDirectory("syrinx-test-data-");
      try (FileSystem jar = FileSystems.newFileSystem(URI.create(uri.toString().replaceAll("!.*", "")), java.util.Map.of())) {
        copyTree(jar.getPath(uri.toString().replaceAll(".*!", "")), target);
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(target)));
      FOLDERS.put(name, target);
      return target;
    }

    private static void copyTree(Path from, Path to) throws IOException {
      for (Path source : walk(from)) {
        Path destination = to.resolve(from.relativize(source).toString());
        if (Files.isDirectory(source)) {
          Files.createDirectories(destination);
        } else {
          Files.copy(source, destination);
        }
      }
    }

    private static void deleteTree(Path root) {
      try {
        for (Path path : walk(root).reversed()) {
          Files.deleteIfExists(path);
        }
      } catch (IOException e) {
        System.err.println("left behind: " + root + " (" + e.getMessage() + ")");
      }
    }

    private static List<Path> walk(Path root) throws IOException {
      try (Stream<Path> paths = Files.walk(root)) {
        return paths.toList();
      }
    }
  }
}
