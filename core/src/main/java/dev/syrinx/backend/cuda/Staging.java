package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.CudaContext;
import dev.syrinx.ffi.cuda.CudaEvent;
import dev.syrinx.ffi.cuda.CudaStream;
import dev.syrinx.ffi.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;

/**
 * Copies between the host and the device in a stream's order, through pinned memory. An upload returns as soon as its source may be changed: the small ones of a decoding
 * step wait for nothing. Two halves take turns, so that the host fills one while the device reads the other.
 */
final class Staging implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final CudaStream stream;
  private final long bytes;
  private final PinnedMemory[] halves = new PinnedMemory[2];
  private final CudaEvent[] read = new CudaEvent[2];
  private final PinnedMemory back;
  private int half;
  private long used;

  Staging(CudaContext context, CudaStream stream, long bytes) {
    this.stream = stream;
    this.bytes = bytes;
    for (int i = 0; i < halves.length; i++) {
      halves[i] = PinnedMemory.allocate(context, bytes);
      read[i] = CudaEvent.untimed(context);
    }
    back = PinnedMemory.allocate(context, bytes);
  }

  void upload(MemorySegment from, long to) {
    for (long done = 0; done < from.byteSize(); ) {
      if (used == bytes) {
        turn();
      }
      long count = Math.min(from.byteSize() - done, bytes - used);
      MemorySegment piece = halves[half].segment().asSlice(used, count);
      piece.copyFrom(from.asSlice(done, count));
      stream.copyToDevice(piece, to + done, count);
      used = Math.min(bytes, (used + count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
      done += count;
    }
  }

  /** Fills memory with a word, in the stream's order. */
  void fill(long to, int word, long words) {
    stream.fillWords(to, word, words);
  }

  /** Waits for everything in the stream, then returns with the bytes in place. */
  void download(long from, MemorySegment to) {
    for (long done = 0; done < to.byteSize(); done += bytes) {
      long count = Math.min(to.byteSize() - done, bytes);
      MemorySegment piece = back.segment().asSlice(0, count);
      stream.copyToHost(from + done, piece, count);
      stream.synchronize();
      to.asSlice(done, count).copyFrom(piece);
    }
  }

  /** Goes to the other half, once the device has read what it held. */
  private void turn() {
    read[half].record(stream);
    half = 1 - half;
    read[half].synchronize();
    used = 0;
  }

  @Override
  public void close() {
    back.close();
    for (int i = 0; i < halves.length; i++) {
      halves[i].close();
      read[i].close();
    }
  }
}
