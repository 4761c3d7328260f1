package dev.syrinx.ffi;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A shared library under one of several names. Opening never fails: a library that is not there knows why not.
 *
 * <p>Each name is tried in the folders of {@link #PATH_PROPERTY} (or of the environment variable {@link #PATH_VARIABLE}) first, then by the
 * system's own search, so that a library inside some other product's folder can be named without changing the system.
 */
public final class NativeLibrary {
  /** System property: folders to look in first, separated as in a class path. */
  public static final String PATH_PROPERTY = "syrinx.library.path";

  /** Environment variable with the same meaning; the property wins. */
  public static final String PATH_VARIABLE = "SYRINX_LIBRARY_PATH";

  /**
   * One name that was tried.
   *
   * @param name as it was given to the system's loader
   * @param failure why it did not load; empty if it did
   */
  public record Attempt(String name, String failure) {}

  private static final SymbolLookup NOTHING = name -> Optional.empty();

  private final String label;
  private final SymbolLookup lookup;
  private final List<Attempt> attempts;

  private NativeLibrary(String label, SymbolLookup lookup, List<Attempt> attempts) {
    this.label = label;
    this.lookup = lookup;
    this.attempts = List.copyOf(attempts);
  }

  /**
   * Opens the first of the names that loads, for the life of the process.
   *
   * @param label what messages call it, such as {@code cuBLAS}
   * @param names file names, best first
   */
  public static NativeLibrary open(String label, String... names) {
    return open(Arena.global(), label, List.of(names));
  }

  /** The same, unloaded with the arena. */
  public static NativeLibrary open(Arena arena, String label, List<String> names) {
    List<Attempt> attempts = new ArrayList<>();
    for (String candidate : candidates(names)) {
      try {
        SymbolLookup lookup = SymbolLookup.libraryLookup(candidate, arena);
        attempts.add(new Attempt(candidate, ""));
        return new NativeLibrary(label, lookup, attempts);
      } catch (IllegalArgumentException e) {
        attempts.add(new Attempt(candidate, DynamicLoader.whyNot(candidate, e.getMessage())));
      }
    }
    return new NativeLibrary(label, NOTHING, attempts);
  }

  /** Functions that lie somewhere else than in a file, as if a library of that name had been loaded. */
  public static NativeLibrary of(String label, SymbolLookup functions) {
    return new NativeLibrary(label, functions, List.of(new Attempt(label, "")));
  }

  private static List<String> candidates(List<String> names) {
    String variable = Optional.ofNullable(System.getenv(PATH_VARIABLE)).orElse("");
    List<String> all = new ArrayList<>();
    for (String folder : System.getProperty(PATH_PROPERTY, variable).split(File.pathSeparator, -1)) {
      for (String name : names) {
        // A name with a folder in it is complete, and a folder that lacks the file needs no attempt.
        if (!folder.isBlank() && !name.contains(File.separator) && new File(folder, name).isFile()) {
          all.add(new File(folder, name).getAbsolutePath());
        }
      }
    }
    all.addAll(names);
    return all;
  }

  /** What messages call this library. */
  public String label() {
    return label;
  }

  /** Whether one of the names loaded. */
  public boolean present() {
    return lookup != NOTHING;
  }

  /** Every name that was tried, in order; the last one loaded if the library is present. */
  public List<Attempt> attempts() {
    return attempts;
  }

  /** The name that loaded; empty if none did. */
  public String loadedAs() {
    return present() ? attempts.getLast().name() : "";
  }

  /** Why it is not there, one clause per name; empty if it is. */
  public String reason() {
    return present() ? "" : attempts.stream().map(Attempt::failure).distinct().collect(Collectors.joining("; "));
  }

  /** A function's address, if the library is present and has it. */
  public Optional<MemorySegment> find(String symbol) {
    return lookup.find(symbol);
  }

  @Override
  public String toString() {
    return label + (present() ? " (" + loadedAs() + ")" : " (absent)");
  }
}
