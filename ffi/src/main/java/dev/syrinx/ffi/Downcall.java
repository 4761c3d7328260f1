package dev.syrinx.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A C function that returns a status code, bound once, of any parameter types. {@link CFunction} is its sibling for the hot path.
 *
 * @param name the C name, for messages
 * @param handle for the hot path: call {@code invokeExact} on it with exactly the declared types; what it throws goes to {@link #failure}
 */
public record Downcall(String name, MethodHandle handle) {
  /**
   * Binds a function {@code int symbol(parameters…)}.
   *
   * @throws NativeException if the library is absent or lacks the function
   */
  public static Downcall status(NativeLibrary library, String symbol, MemoryLayout... parameters) {
    FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters);
    return new Downcall(symbol, Linker.nativeLinker().downcallHandle(address(library, symbol), type));
  }

  static MemorySegment address(NativeLibrary library, String symbol) {
    return library.find(symbol).orElseThrow(() -> new NativeException(missing(library, symbol)));
  }

  private static String missing(NativeLibrary library, String symbol) {
    return library.present()
        ? library + " has no function " + symbol + ": it is older than this program needs"
        : library.label() + " is not on this machine: " + library.reason();
  }

  /**
   * Calls it the slow way, which converts and boxes arguments; for calls made once.
   *
   * @return the status code
   * @throws NativeException if the arguments do not fit the declaration
   */
  public int call(Object... arguments) {
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw failure(name, e);
    }
  }

  /** What to throw when a handle threw: native code throws nothing, so this is a wrong use of the handle or a dying process. */
  public static NativeException failure(String call, Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new NativeException(call + " was called wrongly: " + thrown.getMessage(), thrown);
  }
}
