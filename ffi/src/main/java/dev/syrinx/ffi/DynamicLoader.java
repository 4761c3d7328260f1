package dev.syrinx.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Asks the system's loader why a library does not load. Java's own answer is "cannot open library" for a missing file, a damaged one and a
 * missing dependency alike, and those need different remedies.
 */
final class DynamicLoader {
  /** {@code RTLD_LAZY} of dlopen(3), the same number on Linux and macOS. */
  private static final int LAZY = 1;

  private static final long MESSAGE_LIMIT = 4096;

  private static final Optional<MethodHandle> OPEN =
      bind("dlopen", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private static final Optional<MethodHandle> ERROR = bind("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));

  private DynamicLoader() {}

  /**
   * The loader's message for a library that Java could not open.
   *
   * @param otherwise the answer where there is no way to ask
   */
  static String whyNot(String name, String otherwise) {
    if (OPEN.isEmpty() || ERROR.isEmpty()) {
      return otherwise;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = (MemorySegment) OPEN.get().invokeExact(arena.allocateFrom(name), LAZY);
      MemorySegment message = handle.address() == 0 ? (MemorySegment) ERROR.get().invokeExact() : MemorySegment.NULL;
      return message.address() == 0 ? otherwise : message.reinterpret(MESSAGE_LIMIT).getString(0);
    } catch (Throwable e) {
      throw Downcall.failure("dlopen(" + name + ")", e);
    }
  }

  private static Optional<MethodHandle> bind(String symbol, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.defaultLookup().find(symbol).map(address -> linker.downcallHandle(address, type));
  }
}
