package dev.syrinx.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A C function that returns an int status, for the hot path: pointers and handles are longs, and a call allocates nothing.
 *
 * <p>The handles are constants, one per list of parameter types, and take the function's address as their first argument: only a constant handle is compiled into its
 * caller. Hazard: the overload decides the C types, so a 64-bit parameter must be given a {@code long}.
 */
public final class CFunction {
  private static final MethodHandle NONE = handle();
  private static final MethodHandle I = handle(JAVA_INT);
  private static final MethodHandle L = handle(JAVA_LONG);
  private static final MethodHandle LI = handle(JAVA_LONG, JAVA_INT);
  private static final MethodHandle LL = handle(JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LII = handle(JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle LIL = handle(JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle LLI = handle(JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle LLL = handle(JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LBLL = handle(JAVA_LONG, JAVA_BYTE, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LILL = handle(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LLLL = handle(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LILLL = handle(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LLILL = handle(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);

  private final String name;
  private final MemorySegment address;

  private CFunction(String name, MemorySegment address) {
    this.name = name;
    this.address = address;
  }

  /**
   * Finds a function.
   *
   * @throws NativeException if the library is absent or lacks it
   */
  public static CFunction of(NativeLibrary library, String symbol) {
    return new CFunction(symbol, Downcall.address(library, symbol));
  }

  /** A constant handle for functions {@code int f(parameters…)}; its first argument is the function's address. Keep it in a static final field. */
  public static MethodHandle handle(ValueLayout... parameters) {
    return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /** The C name. */
  public String name() {
    return name;
  }

  /** Where it is. */
  public MemorySegment address() {
    return address;
  }

  public int call() {
    try {
      return (int) NONE.invokeExact(address);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(int a) {
    try {
      return (int) I.invokeExact(address, a);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a) {
    try {
      return (int) L.invokeExact(address, a);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, int b) {
    try {
      return (int) LI.invokeExact(address, a, b);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, long b) {
    try {
      return (int) LL.invokeExact(address, a, b);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, int b, int c) {
    try {
      return (int) LII.invokeExact(address, a, b, c);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, int b, long c) {
    try {
      return (int) LIL.invokeExact(address, a, b, c);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, long b, int c) {
    try {
      return (int) LLI.invokeExact(address, a, b, c);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, long b, long c) {
    try {
      return (int) LLL.invokeExact(address, a, b, c);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, byte b, long c, long d) {
    try {
      return (int) LBLL.invokeExact(address, a, b, c, d);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, int b, long c, long d) {
    try {
      return (int) LILL.invokeExact(address, a, b, c, d);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, long b, long c, long d) {
    try {
      return (int) LLLL.invokeExact(address, a, b, c, d);
    } catch (Throwable e) {
      throw Downcall.failure(name, e);
    }
  }

  public int call(long a, int b, long c, long d, long e) {
    try {
      return (int) LILLL.invokeExact(address, a, b, c, d, e);
    } catch (Throwable thrown) {
      throw Downcall.failure(name, thrown);
    }
  }

  public int call(long a, long b, int c, long d, long e) {
    try {
      return (int) LLILL.invokeExact(address, a, b, c, d, e);
    } catch (Throwable thrown) {
      throw Downcall.failure(name, thrown);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
