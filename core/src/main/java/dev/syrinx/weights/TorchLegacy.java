package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Dictionary;
import dev.syrinx.weights.TorchValue.Sequence;
import dev.syrinx.weights.TorchValue.Storage;
import dev.syrinx.weights.TorchValue.Text;
import dev.syrinx.weights.TorchValue.Truth;
import dev.syrinx.weights.TorchValue.Whole;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * The format before PyTorch 1.6: five pickles in a row (magic number, version, the writer's system, the object, the list of storages),
 * then the storages in that order, each as a count of elements and the elements.
 */
final class TorchLegacy implements TorchStorages {
  private static final long VERSION = 1001;
  private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Map<String, Storage> wanted = new HashMap<>();
  private final Map<String, MemorySegment> found = new HashMap<>();
  private MemorySegment rest;

  private TorchLegacy(MemorySegment rest) {
    this.rest = rest;
  }

  static TorchArchive.Contents read(MappedFile file) {
    TorchLegacy storages = new TorchLegacy(file.bytes());
    TorchValue magic = storages.pickle("magic number");
    TorchValue version = storages.pickle("version");
    if (!(magic instanceof TorchValue.Opaque) || !(version instanceof Whole(long number)) || number != VERSION) {
      throw new CheckpointException("an old PyTorch file of version %s; expected %d".formatted(version, VERSION));
    }
    if (!(storages.pickle("system") instanceof Dictionary system)
        || !(system.get("little_endian").orElse(system) instanceof Truth(boolean little)) || !little) {
      throw new CheckpointException("an old PyTorch file from a machine that was not little-endian");
    }
    TorchValue root = storages.pickle("object");
    if (!(storages.pickle("list of storages") instanceof Sequence keys)) {
      throw new CheckpointException("an old PyTorch file without list of storages");
    }
    storages.readStorages(keys);
    return new TorchArchive.Contents(root, storages);
  }

  private TorchValue pickle(String what) {
    PickleInput in = new PickleInput(rest);
    try {
      TorchValue value = new Unpickler(in, this::note).load();
      rest = in.rest();
      return value;
    } catch (CheckpointException e) {
      throw new CheckpointException("in the old PyTorch format, pickle '" + what + "': " + e.getMessage(), e);
    }
  }

  private TorchValue note(TorchValue id) {
    Storage storage = TorchTensors.storage(id);
    Storage other = wanted.putIfAbsent(storage.key(), storage);
    if (other != null && (other.total() != storage.total() || !other.type().equals(storage.type()))) {
      throw new CheckpointException(storage + " was described as " + other + " before");
    }
    return storage;
  }

  private void readStorages(Sequence keys) {
    for (TorchValue item : keys.items()) {
      if (!(item instanceof Text(String key)) || !wanted.containsKey(key) || found.containsKey(key)) {
        throw new CheckpointException("the list of storages has " + item + ", which is unknown or there twice");
      }
      Storage storage = wanted.get(key);
      if (rest.byteSize() < Long.BYTES || rest.get(COUNT, 0) != storage.total()) {
        throw new CheckpointException(storage + " is cut short or of another length in its place");
      }
      long bytes = storage.total() * storage.type().bytes();
      if (bytes > rest.byteSize() - Long.BYTES) {
        throw new CheckpointException("%s is cut short: %d bytes are left".formatted(storage, rest.byteSize() - Long.BYTES));
      }
      found.put(key, rest.asSlice(Long.BYTES, bytes));
      rest = rest.asSlice(Long.BYTES + bytes);
    }
    if (found.size() < wanted.size()) {
      throw new CheckpointException("%d of its %d storages are not in the file".formatted(wanted.size() - found.size(), wanted.size()));
    }
  }

  @Override
  public MemorySegment bytes(Storage storage) {
    return found.get(storage.key());
  }
}
