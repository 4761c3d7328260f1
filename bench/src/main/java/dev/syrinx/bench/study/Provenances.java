package dev.syrinx.bench.study;

import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.kernels.KernelSpec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What made a number: hashes and versions. */
public final class Provenances {
  private Provenances() {}

  /**
   * SHA-256 of the kernels of this program: the classes of their module, and the compiled images for a GPU.
   *
   * @throws IOException if they cannot be read
   */
  public static String kernels() throws IOException {
    MessageDigest digest = StudyModel.sha256();
    for (Path file : classes()) {
      digest.update(Files.readAllBytes(file));
    }
    CudaKernels packed = CudaKernels.packed();
    for (String source : packed.sources()) {
      packed.image(source).ifPresent(digest::update);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The archive of the kernels' module, or its class files in the order of their names. */
  private static List<Path> classes() throws IOException {
    try {
      Path home = Path.of(KernelSpec.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isRegularFile(home)) {
        return List.of(home);
      }
      try (Stream<Path> all = Files.walk(home.resolve("dev/syrinx/kernels"))) {
        return all.filter(f -> f.toString().endsWith(".class")).sorted().toList();
      }
    } catch (URISyntaxException e) {
      throw new IOException("the place of the kernels' classes is no path: " + e.getMessage(), e);
    }
  }

  /** Versions of program, Java and driver. */
  static Map<String, String> versions(String program, Map<String, Object> machine) {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("syrinx", program);
    versions.put("java", Runtime.version().toString());
    if (machine.containsKey("driver")) {
      versions.put("driver", String.valueOf(machine.get("driver")));
    }
    return versions;
  }
}
