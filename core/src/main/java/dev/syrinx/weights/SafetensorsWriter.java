package dev.syrinx.weights;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Writes safetensors files. */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 20;

  private SafetensorsWriter() {}

  /**
   * Writes the tensors in the given order, after the metadata sorted by key: equal input gives equal bytes. The file appears under its name
   * only when it is whole.
   *
   * @throws IOException if the disk is full or the folder cannot be written to; nothing is left behind
   * @throws IllegalArgumentException if two tensors have the same name
   */
  public static void write(Path file, Collection<StoredTensor> tensors, Map<String, String> metadata) throws IOException {
    // Not createTempFile: its files are for their owner alone, and stay so under their final name.
    Path partial = file.resolveSibling(".%s.%s.partial".formatted(file.getFileName(), UUID.randomUUID()));
    try {
      try (OutputStream out = Files.newOutputStream(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        write(out, tensors, metadata);
      }
      move(partial, file);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /**
   * Writes the contents of such a file, without closing the stream.
   *
   * @throws IllegalArgumentException if two tensors have the same name; nothing has been written then
   */
  public static void write(OutputStream out, Collection<StoredTensor> tensors, Map<String, String> metadata) throws IOException {
    byte[] header = header(tensors, metadata);
    out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
    out.write(header);
    for (StoredTensor tensor : tensors) {
      copy(tensor.data(), out);
    }
  }

  /** Writes the tensors without metadata. */
  public static void write(Path file, Collection<StoredTensor> tensors) throws IOException {
    write(file, tensors, Map.of());
  }

  private static byte[] header(Collection<StoredTensor> tensors, Map<String, String> metadata) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(texts::put);
    }
    long offset = 0;
    for (StoredTensor tensor : tensors) {
      if (root.has(tensor.name())) {
        throw new IllegalArgumentException("two tensors named '" + tensor.name() + "'");
      }
      ObjectNode entry = root.putObject(tensor.name()).put("dtype", tensor.dtype().name());
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
      entry.putArray("data_offsets").add(offset).add(offset + tensor.data().byteSize());
      offset += tensor.data().byteSize();
    }
    byte[] json = mapper.writeValueAsBytes(root);
    byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  private static void copy(MemorySegment data, OutputStream out) throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += chunk.length) {
      int count = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, MemorySegment.ofArray(chunk), ValueLayout.JAVA_BYTE, 0, count);
      out.write(chunk, 0, count);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
