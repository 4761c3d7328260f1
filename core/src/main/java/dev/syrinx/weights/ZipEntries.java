package dev.syrinx.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The table of contents of a mapped zip archive, zip64 included. {@code java.util.zip} cannot say where an entry's bytes lie, which is
 * what mapping needs.
 */
final class ZipEntries {
  private static final int MAX_ENTRIES = 500_000;
  private static final int END = 0x06054b50;
  private static final int END_64_LOCATOR = 0x07064b50;
  private static final int END_64 = 0x06064b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END_SIZE = 22;
  private static final int LOCATOR_SIZE = 20;
  private static final int CENTRAL_SIZE = 46;
  private static final int LARGEST_COMMENT = 0xffff;
  private static final int ZIP64_FIELD = 1;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** One entry as the table describes it. */
  record Entry(String name, int flags, int method, int crc, long compressed, long size, long header) {}

  private final MemorySegment bytes;

  private ZipEntries(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /**
   * @throws CheckpointException if there is no table, or it does not fit the file
   */
  static Map<String, Entry> read(MemorySegment bytes) {
    return new ZipEntries(bytes).table();
  }

  private Map<String, Entry> table() {
    long end = findEnd();
    long count = u16(bytes, end + 10);
    long size = u32(bytes, end + 12);
    long offset = u32(bytes, end + 16);
    if (u16(bytes, end + 4) != 0 || u16(bytes, end + 6) != 0) {
      throw new CheckpointException("part of a zip archive of several volumes");
    }
    long locator = end - LOCATOR_SIZE;
    if (locator >= 0 && bytes.get(INT, locator) == END_64_LOCATOR) {
      long end64 = bytes.get(LONG, locator + 8);
      if (end64 < 0 || end64 > locator - 56 || bytes.get(INT, end64) != END_64) {
        throw new CheckpointException("a damaged zip archive: its zip64 table is not where it should be");
      }
      count = bytes.get(LONG, end64 + 32);
      size = bytes.get(LONG, end64 + 40);
      offset = bytes.get(LONG, end64 + 48);
    }
    if (offset < 0 || size < 0 || offset > end || size > end - offset || count < 0 || count > Math.min(MAX_ENTRIES, size / CENTRAL_SIZE)) {
      throw new CheckpointException("a damaged zip archive: %s entries in %s bytes at %s of %d".formatted(
          Long.toUnsignedString(count), Long.toUnsignedString(size), Long.toUnsignedString(offset), bytes.byteSize()));
    }
    return entries(bytes.asSlice(offset, size), (int) count);
  }

  private long findEnd() {
    long last = bytes.byteSize() - END_SIZE;
    for (long at = last; at >= Math.max(0, last - LARGEST_COMMENT); at--) {
      if (bytes.get(INT, at) == END && u16(bytes, at + 20) == last - at) {
        return at;
      }
    }
    throw new CheckpointException("a zip archive without its end: cut short, download it again");
  }

  private static Map<String, Entry> entries(MemorySegment table, int count) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long at = 0;
    for (int i = 0; i < count; i++) {
      if (table.byteSize() - at < CENTRAL_SIZE || table.get(INT, at) != CENTRAL) {
        throw new CheckpointException("a damaged zip archive: entry " + i + " of " + count + " is not where it should be");
      }
      int nameLength = u16(table, at + 28);
      int extraLength = u16(table, at + 30);
      long next = at + CENTRAL_SIZE + nameLength + extraLength + u16(table, at + 32);
      if (next > table.byteSize()) {
        throw new CheckpointException("a damaged zip archive: entry " + i + " reaches beyond the table");
      }
      Entry entry = entry(table.asSlice(at, next - at), nameLength, extraLength);
      if (entries.put(entry.name(), entry) != null) {
        throw new CheckpointException("a zip archive with two entries named '" + PickleText.printable(entry.name()) + "'");
      }
      at = next;
    }
    return entries;
  }

  private static Entry entry(MemorySegment record, int nameLength, int extraLength) {
    byte[] name = record.asSlice(CENTRAL_SIZE, nameLength).toArray(ValueLayout.JAVA_BYTE);
    long[] large = {u32(record, 24), u32(record, 20), u32(record, 42)};
    MemorySegment extra = record.asSlice(CENTRAL_SIZE + nameLength, extraLength);
    for (long at = 0; at + 4 <= extraLength; at += 4 + u16(extra, at + 2)) {
      if (u16(extra, at) == ZIP64_FIELD) {
        replaceLarge(large, extra.asSlice(at + 4, Math.min(u16(extra, at + 2), extraLength - at - 4)));
      }
    }
    String text = new String(name, StandardCharsets.UTF_8);
    return new Entry(text, u16(record, 8), u16(record, 10), record.get(INT, 16), large[1], large[0], large[2]);
  }

  /** The zip64 field holds, in this order, those of size, compressed size and offset that did not fit into 32 bits. */
  private static void replaceLarge(long[] large, MemorySegment field) {
    long at = 0;
    for (int i = 0; i < large.length; i++) {
      if (large[i] == 0xffff_ffffL && at + 8 <= field.byteSize()) {
        large[i] = field.get(LONG, at);
        at += 8;
      }
    }
  }

  static int u16(MemorySegment bytes, long at) {
    return bytes.get(SHORT, at) & 0xffff;
  }

  static long u32(MemorySegment bytes, long at) {
    return bytes.get(INT, at) & 0xffff_ffffL;
  }
}
