package dev.syrinx.backend.cuda;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A backend that writes calls down and runs none; its memory is the host's. */
final class CallList implements Backend {
  private final Arena arena = Arena.ofShared();
  private final List<Arguments> calls = new ArrayList<>();

  List<Arguments> calls() {
    return calls;
  }

  @Override
  public String description() {
    return "a list of calls";
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return arena.allocate(Math.max(1, bytes), 64);
  }

  @Override
  public MemorySegment temporary(long bytes) {
    return allocate(bytes);
  }

  @Override
  public Scope scope() {
    return () -> {};
  }

  @Override
  public void upload(MemorySegment from, MemorySegment to) {
    to.copyFrom(from);
  }

  @Override
  public void download(MemorySegment from, MemorySegment to) {
    to.copyFrom(from);
  }

  @Override
  public Layout layout(KernelSpec spec, String param) {
    return Layout.ROW_MAJOR;
  }

  @Override
  public void run(Arguments call) {
    calls.add(call);
  }

  @Override
  public Replay capture(Runnable step) {
    throw new UnsupportedOperationException("not needed here");
  }

  @Override
  public void synchronize() {}

  @Override
  public long reservedBytes() {
    return 0;
  }

  @Override
  public void close() {
    arena.close();
  }
}
