package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Backend;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaEvent;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;

/** Looks at device memory in a stream's order, into pinned memory, while the host goes on. */
final class StreamPoll implements Backend.Poll {
  private static final int ALIGNMENT = 64;

  private final CudaContext context;
  private final CudaStream stream;
  private final long from;
  private final int bytes;
  private final int stride;
  private final PinnedMemory memory;
  private final CudaEvent[] seen;
  private int started;
  private int awaited;

  StreamPoll(CudaContext context, CudaStream stream, long from, int bytes, int depth) {
    this.context = context;
    this.stream = stream;
    this.from = from;
    this.bytes = bytes;
    stride = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    memory = PinnedMemory.allocate(context, (long) stride * (depth + 1));
    seen = new CudaEvent[depth + 1];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = CudaEvent.untimed(context);
    }
  }

  private MemorySegment place(int index) {
    return memory.segment().asSlice((long) (index % seen.length) * stride, bytes);
  }

  @Override
  public void start() {
    if (started - awaited == seen.length) {
      throw new IllegalStateException("more looks than were asked for");
    }
    context.enter();
    stream.copyToHost(from, place(started), bytes);
    seen[started % seen.length].record(stream);
    started++;
  }

  @Override
  public MemorySegment await() {
    if (awaited == started) {
      throw new IllegalStateException("no look was started");
    }
    context.enter();
    seen[awaited % seen.length].synchronize();
    return place(awaited++);
  }

  /** What was started must be over. */
  @Override
  public void close() {
    context.enter();
    memory.close();
    for (CudaEvent event : seen) {
      event.close();
    }
  }
}
