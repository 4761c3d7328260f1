package dev.syrinx.bench;

import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.kernels.KernelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** SHA-256 of what a result depends on. */
public final class Hashes {
  private static final int BUFFER = 1 << 20;
  private static final String KERNELS = "dev/syrinx/kernels";

  private Hashes() {}

  /** Of a file of any size, read piece by piece. */
  public static String file(Path file) throws IOException {
    MessageDigest digest = sha256();
    add(digest, file);
    return hex(digest);
  }

  /** Of a text in UTF-8. */
  public static String text(String text) {
    MessageDigest digest = sha256();
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    return hex(digest);
  }

  /** Of what somebody writes. */
  public static String written(Writing writing) throws IOException {
    MessageDigest digest = sha256();
    try (DigestOutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      writing.to(out);
    }
    return hex(digest);
  }

  /** Writes something. */
  @FunctionalInterface
  public interface Writing {
    /** Writes all of it. */
    void to(OutputStream out) throws IOException;
  }

  /** Of 16-bit samples, little-endian. */
  public static String samples(short[] samples) {
    ByteBuffer bytes = ByteBuffer.allocate(samples.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(samples);
    MessageDigest digest = sha256();
    digest.update(bytes);
    return hex(digest);
  }

  /** Of numbers, little-endian, with their count before them. */
  public static String numbers(List<int[]> lists) {
    MessageDigest digest = sha256();
    for (int[] list : lists) {
      ByteBuffer bytes = ByteBuffer.allocate((list.length + 1) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(list.length);
      bytes.asIntBuffer().put(list);
      digest.update(bytes.rewind());
    }
    return hex(digest);
  }

  /**
   * Of the kernels of this program: the class files of their module in the order of their names, in a JAR or in a folder alike.
   *
   * @throws IOException if they cannot be read
   */
  public static String kernelClasses() throws IOException {
    try {
      Path home = Path.of(KernelSpec.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(home)) {
        return classes(home.resolve(KERNELS));
      }
      try (FileSystem jar = FileSystems.newFileSystem(home)) {
        return classes(jar.getPath("/" + KERNELS));
      }
    } catch (URISyntaxException e) {
      throw new IOException("the place of the kernels' classes is no path: " + e.getMessage(), e);
    }
  }

  /** Of the images for a GPU that this program carries; "none" where it was built without. */
  public static String kernelImages() {
    MessageDigest digest = sha256();
    CudaKernels packed = CudaKernels.packed();
    boolean any = false;
    for (String source : packed.sources()) {
      byte[] image = packed.image(source).orElse(new byte[0]);
      any |= image.length > 0;
      digest.update((source + " " + image.length + "\n").getBytes(StandardCharsets.UTF_8));
      digest.update(image);
    }
    return any ? hex(digest) : "none";
  }

  private static String classes(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(f -> f.toString().endsWith(".class")).sorted().toList();
    }
    MessageDigest digest = sha256();
    for (Path file : files) {
      digest.update((folder.relativize(file) + " " + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
      add(digest, file);
    }
    return hex(digest);
  }

  private static void add(MessageDigest digest, Path file) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
