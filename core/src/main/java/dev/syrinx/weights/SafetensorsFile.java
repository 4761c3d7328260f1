package dev.syrinx.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, mapped. Layout: the header's length (8 bytes), the header (JSON: name → type, shape, offsets), the data. Everything
 * the header says is checked before any of it is believed; tensors must cover the data without overlap or gap, as the format demands.
 */
public final class SafetensorsFile implements WeightSource {
  /** A header of 200 000 tensors fits; the format's own limit is 100 MB. */
  static final long MAX_HEADER = 32L << 20;

  private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MappedFile file;
  private final MemorySegment data;
  private final SafetensorsHeader header;

  private SafetensorsFile(MappedFile file, MemorySegment data, SafetensorsHeader header) {
    this.file = file;
    this.data = data;
    this.header = header;
  }

  /**
   * Opens and checks a file.
   *
   * @throws CheckpointException if it is missing, of another kind, cut short or contradictory
   */
  public static SafetensorsFile open(Path path) {
    MappedFile file = MappedFile.open(path);
    try {
      return read(file);
    } catch (CheckpointException e) {
      file.close();
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }

  private static SafetensorsFile read(MappedFile file) {
    MemorySegment bytes = file.bytes();
    FileKind kind = FileKind.of(bytes);
    if (kind != FileKind.SAFETENSORS && kind != FileKind.UNKNOWN) {
      throw new CheckpointException("expected a safetensors file, found " + kind.description());
    }
    if (bytes.byteSize() < Long.BYTES) {
      throw new CheckpointException("cut short: only " + bytes.byteSize() + " bytes");
    }
    long length = bytes.get(LENGTH, 0);
    long available = bytes.byteSize() - Long.BYTES;
    if (length < 2 || length > available || length > MAX_HEADER) {
      throw new CheckpointException(("the header should be %s bytes long, but %d bytes follow and at most %d are accepted: "
          + "not a safetensors file, or damaged").formatted(Long.toUnsignedString(length), available, MAX_HEADER));
    }
    MemorySegment data = bytes.asSlice(Long.BYTES + length);
    SafetensorsHeader header = SafetensorsHeader.parse(bytes.asSlice(Long.BYTES, length), data.byteSize());
    return new SafetensorsFile(file, data, header);
  }

  @Override
  public String origin() {
    return file.path().toString();
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  @Override
  public StoredTensor tensor(String name) {
    SafetensorsHeader.Entry entry = header.tensors().get(name);
    if (entry == null) {
      throw Names.missing(name, this);
    }
    return new StoredTensor(name, entry.dtype(origin(), name), entry.shape(), data.asSlice(entry.begin(), entry.end() - entry.begin()));
  }

  /** The free-text entries of the header; empty if it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  @Override
  public void close() {
    file.close();
  }
}
