package dev.syrinx.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/** Looks that are done when they are started: for backends that finish each call before the next. */
final class HostPoll implements Backend.Poll {
  private final Backend backend;
  private final MemorySegment from;
  private final int bytes;
  private final Arena arena = Arena.ofShared();
  private final Deque<MemorySegment> seen = new ArrayDeque<>();
  private final Deque<MemorySegment> spare = new ArrayDeque<>();
  private MemorySegment shown = MemorySegment.NULL;

  HostPoll(Backend backend, MemorySegment from, int bytes) {
    this.backend = backend;
    this.from = from.byteSize() == 0 ? from : from.asSlice(0, bytes);
    this.bytes = bytes;
  }

  @Override
  public void start() {
    MemorySegment to = spare.isEmpty() ? arena.allocate(bytes, 64) : spare.removeFirst();
    backend.download(from, to);
    seen.addLast(to);
  }

  @Override
  public boolean immediate() {
    return true;
  }

  @Override
  public MemorySegment await() {
    if (shown.byteSize() > 0) {
      spare.addLast(shown);
    }
    shown = seen.removeFirst();
    return shown;
  }

  @Override
  public void close() {
    arena.close();
  }
}
