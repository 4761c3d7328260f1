package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Backend;
import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaEvent;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;

/**
 * Looks at device memory after what a stream was given, into pinned memory, while the host goes on, and the stream, too: a copy between two steps of some hundred microseconds
 * held the second one up for 20. A look may see what later work wrote.
 */
final class StreamPoll implements Backend.Poll {
  private static final int ALIGNMENT = 64;

  private final CudaContext context;
  private final CudaStream stream;
  private final CudaStream aside;
  private final long from;
  private final int bytes;
  private final int stride;
  private final PinnedMemory memory;
  private final CudaEvent[] there;
  private final CudaEvent[] seen;
  private int started;
  private int awaited;

  StreamPoll(CudaContext context, CudaStream stream, long from, int bytes, int depth) {
    this.context = context;
    this.stream = stream;
    aside = CudaStream.create(context);
    this.from = from;
    this.bytes = bytes;
    stride = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    memory = PinnedMemory.allocate(context, (long) stride * (depth + 1));
    there = new CudaEvent[depth + 1];
    seen = new CudaEvent[depth + 1];
    for (int i = 0; i < seen.length; i++) {
      there[i] = CudaEvent.untimed(context);
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
    CudaEvent done = there[started % there.length];
    done.record(stream);
    aside.await(done);
    aside.copyToHost(from, place(started), bytes);
    seen[started % seen.length].record(aside);
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
    aside.close();
    memory.close();
    for (int i = 0; i < seen.length; i++) {
      there[i].close();
      seen[i].close();
    }
  }
}
