package dev.syrinx.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a mapped zip archive as memory. Stored entries, which PyTorch writes, are views of the file. Deflated ones are unpacked
 * once, all of an archive together into a bounded amount of memory. Checksums are compared when an entry is first used.
 */
final class ZipContents {
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int ENCRYPTED = 1;
  private static final int PIECE = 1 << 26;
  /** Weights hardly shrink: an archive that unpacks to many times its size is a trap. */
  private static final long FREE_BYTES = 16L << 20;
  private static final int LARGEST_RATIO = 8;

  private final MemorySegment bytes;
  private final Arena arena;
  private final Map<String, ZipEntries.Entry> entries;
  private final Map<String, MemorySegment> unpacked = new HashMap<>();
  private final Set<String> verified = new HashSet<>();
  private long budget;

  /**
   * @param arena owns what is unpacked
   */
  ZipContents(MemorySegment bytes, Arena arena) {
    this.bytes = bytes;
    this.arena = arena;
    this.entries = ZipEntries.read(bytes);
    this.budget = FREE_BYTES + LARGEST_RATIO * bytes.byteSize();
  }

  Set<String> names() {
    return entries.keySet();
  }

  /** Size of an entry as the table gives it, or -1 if there is no such entry. */
  long size(String name) {
    ZipEntries.Entry entry = entries.get(name);
    return entry == null ? -1 : entry.size();
  }

  /**
   * An entry's bytes.
   *
   * @throws CheckpointException if it is damaged, encrypted, too large when unpacked, or packed in a way that is not supported
   */
  synchronized MemorySegment bytes(String name) {
    MemorySegment known = unpacked.get(name);
    if (known != null) {
      return known;
    }
    ZipEntries.Entry entry = entries.get(name);
    if (entry == null) {
      throw new CheckpointException("no entry '" + name + "'");
    }
    MemorySegment content = content(entry);
    if (!verified.contains(name)) {
      // Writers that were told to skip checksums leave 0.
      if (entry.crc() != 0 && entry.crc() != crc(content)) {
        throw damaged(entry, "its checksum differs; download the file again");
      }
      verified.add(name);
    }
    return content;
  }

  private MemorySegment content(ZipEntries.Entry entry) {
    MemorySegment raw = raw(entry);
    if ((entry.flags() & ENCRYPTED) != 0) {
      throw damaged(entry, "it is encrypted");
    }
    if (entry.method() == STORED && entry.size() == entry.compressed()) {
      return raw;
    }
    if (entry.method() != DEFLATED) {
      throw damaged(entry, "method %d, %d bytes for %d".formatted(entry.method(), entry.compressed(), entry.size()));
    }
    if (entry.size() < 0 || entry.size() > budget) {
      throw damaged(entry, "it unpacks to %s bytes; at most %d are accepted for all packed entries of an archive of this size"
          .formatted(Long.toUnsignedString(entry.size()), FREE_BYTES + LARGEST_RATIO * bytes.byteSize()));
    }
    budget -= entry.size();
    MemorySegment content = inflate(entry, raw);
    unpacked.put(entry.name(), content);
    return content;
  }

  private MemorySegment raw(ZipEntries.Entry entry) {
    long header = entry.header();
    if (header < 0 || header > bytes.byteSize() - LOCAL_SIZE || ZipEntries.u32(bytes, header) != LOCAL) {
      throw damaged(entry, "it is not where the table says");
    }
    long start = header + LOCAL_SIZE + ZipEntries.u16(bytes, header + 26) + ZipEntries.u16(bytes, header + 28);
    if (entry.compressed() < 0 || start > bytes.byteSize() || entry.compressed() > bytes.byteSize() - start) {
      throw damaged(entry, "it reaches beyond the end of the file");
    }
    return bytes.asSlice(start, entry.compressed());
  }

  private MemorySegment inflate(ZipEntries.Entry entry, MemorySegment raw) {
    MemorySegment content = arena.allocate(entry.size());
    Inflater inflater = new Inflater(true);
    try {
      long in = 0;
      long out = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          ByteBuffer piece = piece(raw, in);
          in += piece.remaining();
          inflater.setInput(piece);
        }
        ByteBuffer room = out < content.byteSize() ? piece(content, out) : ByteBuffer.allocate(1);
        int made = inflater.inflate(room);
        out += made;
        if (out > content.byteSize() || (made == 0 && !inflater.finished() && in >= raw.byteSize()) || inflater.needsDictionary()) {
          throw damaged(entry, "it does not unpack to the size the table says");
        }
      }
      if (out != content.byteSize()) {
        throw damaged(entry, "it unpacks to fewer bytes than the table says");
      }
      return content;
    } catch (DataFormatException e) {
      throw new CheckpointException(damaged(entry, "it cannot be unpacked").getMessage(), e);
    } finally {
      inflater.end();
    }
  }

  private static ByteBuffer piece(MemorySegment memory, long from) {
    return memory.asSlice(from, Math.min(PIECE, memory.byteSize() - from)).asByteBuffer();
  }

  private static int crc(MemorySegment content) {
    CRC32 crc = new CRC32();
    for (long at = 0; at < content.byteSize(); at += PIECE) {
      crc.update(piece(content, at));
    }
    return (int) crc.getValue();
  }

  private static CheckpointException damaged(ZipEntries.Entry entry, String why) {
    return new CheckpointException("entry '%s' cannot be used: %s".formatted(PickleText.printable(entry.name()), why));
  }
}
