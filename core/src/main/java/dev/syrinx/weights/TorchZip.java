package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The format since PyTorch 1.6: a zip archive with one folder of any name, which holds data.pkl and data/0, data/1, … */
final class TorchZip implements TorchStorages {
  private static final String PICKLE = "data.pkl";

  private final ZipContents zip;
  private final String folder;

  private TorchZip(ZipContents zip, String folder) {
    this.zip = zip;
    this.folder = folder;
  }

  static TorchArchive.Contents read(MappedFile file) {
    ZipContents zip = new ZipContents(file.bytes(), file.arena());
    List<String> pickles = zip.names().stream().filter(name -> name.equals(PICKLE) || name.endsWith("/" + PICKLE)).toList();
    if (pickles.size() != 1) {
      throw new CheckpointException("a zip archive with %d entries named data.pkl: not written by torch.save".formatted(pickles.size()));
    }
    String pickle = pickles.getFirst();
    TorchZip storages = new TorchZip(zip, pickle.substring(0, pickle.length() - PICKLE.length()));
    storages.refuseOthers();
    if (zip.size(pickle) > PickleInput.MAX_PICKLE) {
      throw new CheckpointException("entry '%s' is %d bytes long; at most %d are accepted"
          .formatted(PickleText.printable(pickle), zip.size(pickle), PickleInput.MAX_PICKLE));
    }
    Unpickler unpickler = new Unpickler(new PickleInput(zip.bytes(pickle)), storages::locate);
    return new TorchArchive.Contents(unpickler.load(), storages);
  }

  private void refuseOthers() {
    if (zip.size(folder + "constants.pkl") >= 0) {
      throw new CheckpointException("a TorchScript program; expected the weights alone, as torch.save(model.state_dict()) writes them");
    }
    if (zip.size(folder + "byteorder") == 3) {
      byte[] order = zip.bytes(folder + "byteorder").toArray(ValueLayout.JAVA_BYTE);
      if ("big".equals(new String(order, StandardCharsets.US_ASCII))) {
        throw new CheckpointException("written on a big-endian machine: load it with PyTorch on another one and save it again");
      }
    }
  }

  /** Checks at once that the entry is there and long enough, so that a damaged file is refused when it is opened. */
  private TorchValue locate(TorchValue id) {
    Storage storage = TorchTensors.storage(id);
    long size = zip.size(folder + "data/" + storage.key());
    if (size < 0 || size < storage.total() * storage.type().bytes()) {
      throw new CheckpointException(size < 0 ? storage + " is not in the archive" : storage + " is only " + size + " bytes long");
    }
    return storage;
  }

  @Override
  public MemorySegment bytes(Storage storage) {
    return zip.bytes(folder + "data/" + storage.key());
  }
}
