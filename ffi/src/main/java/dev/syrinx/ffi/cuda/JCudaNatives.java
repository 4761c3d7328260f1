package dev.syrinx.ffi.cuda;

import dev.syrinx.ffi.Probe;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import jcuda.NativePointerObject;

/** What JCuda's classes have in common: how their native halves are loaded, and handles that others made. */
public final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  /** JCuda has no way in for a handle that it did not make itself. Loaded only where JCuda is. */
  private static final class Handle {
    private static final VarHandle FIELD = find();

    private static VarHandle find() {
      try {
        return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup()).findVarHandle(NativePointerObject.class, "nativePointer", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private JCudaNatives() {}

  /** The object with somebody's handle or device address. */
  public static <T extends NativePointerObject> T adopt(T object, long handle) {
    Handle.FIELD.set((NativePointerObject) object, handle);
    return object;
  }

  /**
   * Loads a class with its library; the value is the version.
   *
   * @param label what messages call it
   * @param remedy what to do where it is not there
   */
  public static Probe<String> load(String className, String label, String remedy) {
    try {
      Path folder = Files.createTempDirectory("syrinx-jcuda");
      try {
        return load(folder, className, label, remedy);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      return new Probe.Absent<>("the natives of " + label + " cannot be unpacked: " + e, "make the folder of temporary files writable");
    }
  }

  /**
   * Hazard: JCuda unpacks its libraries under fixed names into the folder of temporary files, and takes what lies there already. In a folder of our own nobody else can have
   * put it there, and two processes do not write the same file.
   */
  private static synchronized Probe<String> load(Path folder, String className, String label, String remedy) {
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, folder.toString());
    try {
      Class<?> loaded = Class.forName(className, true, JCudaNatives.class.getClassLoader());
      String version = loaded.getPackage().getImplementationVersion();
      return new Probe.Present<>(version == null ? "loaded" : version);
    } catch (ClassNotFoundException e) {
      return new Probe.Absent<>(label + " is not on the class path", remedy);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError | ExceptionInInitializerError e) {
      return new Probe.Absent<>(label + " does not load: " + firstCause(e), remedy);
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** JCuda's message is a page of stack traces; the loader's own line is the one that begins the last of them. */
  private static String firstCause(Throwable e) {
    String text = String.valueOf(e.getMessage());
    return text.lines().filter(line -> line.contains("cannot open shared object file") || (line.contains("UnsatisfiedLinkError:") && !line.contains("java.library.path")))
        .map(String::strip).findFirst().orElseGet(() -> text.lines().findFirst().orElse(e.toString()));
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file); // a library that is loaded stays loaded
      }
    }
  }
}
