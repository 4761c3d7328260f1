package dev.syrinx.weights;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** Memory as a stream, for parsers that want one; nothing is copied beforehand. */
final class SegmentInput extends InputStream {
  private final MemorySegment source;
  private long position;

  SegmentInput(MemorySegment source) {
    this.source = source;
  }

  @Override
  public int read() {
    return position < source.byteSize() ? source.get(ValueLayout.JAVA_BYTE, position++) & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    int count = (int) Math.min(length, source.byteSize() - position);
    if (count == 0 && length > 0) {
      return -1;
    }
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, source.byteSize() - position);
  }
}
