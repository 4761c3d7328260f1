package dev.syrinx.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes files as torch.save does, from nested maps of tensors, strings and integers; or from any bytes in the place of the pickle. */
final class TorchArchiveWriter {
  private static final byte[] MAGIC = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a,
      (byte) 0xa8, 0x50, 0x19, '.'};

  private TorchArchiveWriter() {}

  static byte[] zip(Map<String, ?> root) {
    List<StoredTensor> storages = new ArrayList<>();
    byte[] pickle = new PickleWriter().value(root, storages).stop();
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    for (int i = 0; i < storages.size(); i++) {
      entries.put("archive/data/" + i, bytes(storages.get(i)));
    }
    return zipOf(entries, ZipEntry.STORED);
  }

  /** A pickle of one's own, with one storage. */
  static byte[] zip(byte[] pickle, byte[] storage) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/data/0", storage);
    return zipOf(entries, ZipEntry.STORED);
  }

  static byte[] zipOf(Map<String, byte[]> entries, int method) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> item : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(item.getKey());
        entry.setTime(0);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
          CRC32 crc = new CRC32();
          crc.update(item.getValue());
          entry.setCrc(crc.getValue());
          entry.setSize(item.getValue().length);
        }
        zip.putNextEntry(entry);
        zip.write(item.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new AssertionError("writing to memory", e);
    }
    return out.toByteArray();
  }

  /** The format before PyTorch 1.6. */
  static byte[] legacy(Map<String, ?> root) {
    List<StoredTensor> storages = new ArrayList<>();
    byte[] object = new PickleWriter().value(root, storages).stop();
    PickleWriter keys = new PickleWriter().raw(']', '(');
    for (int i = 0; i < storages.size(); i++) {
      keys.text(Integer.toString(i));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(legacyHead());
    out.writeBytes(object);
    out.writeBytes(keys.raw('e').stop());
    for (StoredTensor storage : storages) {
      out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(storage.elements()).array());
      out.writeBytes(bytes(storage));
    }
    return out.toByteArray();
  }

  /** What comes before the object: magic number, version, system. */
  static byte[] legacyHead() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(MAGIC);
    out.writeBytes(new PickleWriter().whole(1001).stop());
    out.writeBytes(new PickleWriter().raw('}').text("little_endian").raw(0x88, 's').stop());
    return out.toByteArray();
  }

  private static byte[] bytes(StoredTensor tensor) {
    byte[] bytes = new byte[(int) tensor.data().byteSize()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = tensor.data().get(ValueLayout.JAVA_BYTE, i);
    }
    return bytes;
  }
}
