package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * JCuda, the other binding of the driver: whether it is there. It is compared with, never needed: it may be missing from the class path, and its native half needs the
 * driver's library.
 */
public final class JCuda {
  private static final String DRIVER_CLASS = "jcuda.driver.JCudaDriver";
  private static final String REMEDY = "use the launcher 'panama', which needs no library; or put jcuda and its natives for this system on the class path";
  private static final String TEMPORARY = "java.io.tmpdir";

  private static final class Once {
    private static final Probe<String> FOUND = load();
  }

  private JCuda() {}

  /** Loads it, once for the process; the value is its version. */
  public static Probe<String> probe() {
    return Once.FOUND;
  }

  private static Probe<String> load() {
    try {
      Path folder = Files.createTempDirectory("syrinx-jcuda");
      try {
        return load(folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      return new Probe.Absent<>("the natives of JCuda cannot be unpacked: " + e, "make the folder of temporary files writable");
    }
  }

  /**
   * Hazard: JCuda unpacks its library under a fixed name into the folder of temporary files, and takes what lies there already. In a folder of our own nobody else can have
   * put it there, and two processes do not write the same file.
   */
  private static synchronized Probe<String> load(Path folder) {
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, folder.toString());
    try {
      Class<?> driver = Class.forName(DRIVER_CLASS, true, JCuda.class.getClassLoader());
      String version = driver.getPackage().getImplementationVersion();
      return new Probe.Present<>(version == null ? "loaded" : version);
    } catch (ClassNotFoundException e) {
      return new Probe.Absent<>("JCuda is not on the class path", REMEDY);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
      return new Probe.Absent<>("JCuda does not load: " + firstCause(e), REMEDY);
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** JCuda's message is a page of stack traces; the loader's own line is the one that begins the last of them. */
  private static String firstCause(Throwable e) {
    String text = String.valueOf(e.getMessage());
    return text.lines().filter(line -> line.contains("cannot open shared object file") || line.contains("UnsatisfiedLinkError:") && !line.contains("java.library.path"))
        .map(String::strip).findFirst().orElseGet(() -> text.lines().findFirst().orElse(e.toString()));
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file); // a library that is loaded stays loaded
      }
    }
  }

  /**
   * A launcher for the kernels of a context.
   *
   * @throws NativeException if JCuda is not there, saying why
   */
  public static KernelLauncher launcher(CudaContext context) {
    return switch (probe()) {
      case Probe.Absent<String>(String reason, String remedy) -> throw new NativeException("the launcher 'jcuda': " + reason + "; " + remedy);
      case Probe.Present<String> present -> new JCudaLauncher(context);
    };
  }
}
