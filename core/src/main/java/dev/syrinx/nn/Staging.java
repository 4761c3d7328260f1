package dev.syrinx.nn;

import dev.syrinx.backend.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/** Fills a backend's memory: in place where the host can reach it, otherwise through one copy in host memory. */
final class Staging {
  private Staging() {}

  /**
   * @param memory of the backend, at least so many bytes; a device's is a segment without length
   * @param write fills native host memory of exactly so many bytes; may use several threads
   */
  static void fill(Backend backend, MemorySegment memory, long bytes, Consumer<MemorySegment> write) {
    if (backend.rehearsal()) {
      return;
    }
    if (memory.byteSize() != 0) {
      write.accept(memory);
      return;
    }
    try (Arena arena = Arena.ofShared()) {
      MemorySegment copy = arena.allocate(bytes, 64);
      write.accept(copy);
      backend.upload(copy, memory);
    }
  }
}
