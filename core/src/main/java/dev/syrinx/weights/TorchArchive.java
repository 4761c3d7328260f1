package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Dictionary;
import dev.syrinx.weights.TorchValue.Tensor;
import java.nio.file.Path;
import java.util.List;

/**
 * A file written by {@code torch.save}: the zip format of PyTorch 1.6 and later, or the one before. The file is mapped; tensors are views
 * made when asked for, so that optimizer state beside the weights costs only its description.
 *
 * <p>Python would run whatever such a file asks for. Here only tensors, containers and plain values exist, and a file that names anything
 * else is refused with that name.
 */
public final class TorchArchive implements AutoCloseable {
  /** What a format's reader found: the saved object, and where the elements of its tensors are. */
  record Contents(TorchValue root, TorchStorages storages) {}

  private final MappedFile file;
  private final Contents contents;

  private TorchArchive(MappedFile file, Contents contents) {
    this.file = file;
    this.contents = contents;
  }

  /**
   * Opens a file and checks its description. The elements' checksums are compared when a tensor is first asked for.
   *
   * @throws CheckpointException if it is missing, of another kind, damaged, or wants more than tensors and containers
   */
  public static TorchArchive open(Path path) {
    MappedFile file = MappedFile.open(path);
    try {
      return new TorchArchive(file, read(file));
    } catch (CheckpointException e) {
      file.close();
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }

  private static Contents read(MappedFile file) {
    FileKind kind = FileKind.of(file.bytes());
    return switch (kind) {
      case ZIP -> TorchZip.read(file);
      case LEGACY_TORCH -> TorchLegacy.read(file);
      default -> throw new CheckpointException("expected a file written by torch.save, found " + kind.description());
    };
  }

  /** The file, for messages. */
  public String origin() {
    return file.path().toString();
  }

  /** The saved object. */
  public TorchValue root() {
    return contents.root();
  }

  /**
   * The tensors of a dictionary, such as {@code dictionary("net", "cfm")}; with no keys, those of the saved object itself. Entries that
   * are no tensors are left out. The result is a view: it ends with this archive.
   *
   * @throws CheckpointException naming the first key that is not there
   */
  public WeightSource dictionary(String... path) {
    return new TorchDictionarySource(this, place(List.of(path)), find(List.of(path)));
  }

  /** The tensors of the dictionary under {@code key} if there is one, else those of the saved object itself. */
  public WeightSource dictionaryOrRoot(String key) {
    boolean nested = contents.root() instanceof Dictionary root && root.get(key).orElse(null) instanceof Dictionary;
    return nested ? dictionary(key) : dictionary();
  }

  /**
   * The saved object as a tensor.
   *
   * @throws CheckpointException if it is something else
   */
  public StoredTensor tensor() {
    if (contents.root() instanceof Tensor tensor) {
      return read(origin(), file.path().getFileName().toString(), tensor);
    }
    throw new CheckpointException(origin() + ": expected one tensor, found " + described(contents.root()));
  }

  @Override
  public void close() {
    file.close();
  }

  StoredTensor read(String place, String name, Tensor tensor) {
    try {
      return TorchTensors.read(place, name, tensor, contents.storages().bytes(tensor.storage()));
    } catch (CheckpointException e) {
      throw e.getMessage().startsWith(origin()) ? e : new CheckpointException(place + ": tensor '" + name + "': " + e.getMessage(), e);
    }
  }

  private Dictionary find(List<String> path) {
    Dictionary dictionary = asDictionary(contents.root(), "the saved object");
    for (int i = 0; i < path.size(); i++) {
      TorchValue value = dictionary.get(path.get(i)).orElse(null);
      if (value == null) {
        List<String> keys = dictionary.keys().stream().map(key -> PickleText.printable(String.valueOf(key))).toList();
        throw new CheckpointException("%s: no '%s' among its keys %s".formatted(place(path.subList(0, i)), path.get(i), Names.some(keys)));
      }
      dictionary = asDictionary(value, "'" + path.get(i) + "'");
    }
    return dictionary;
  }

  private Dictionary asDictionary(TorchValue value, String what) {
    if (value instanceof Dictionary dictionary) {
      return dictionary;
    }
    throw new CheckpointException("%s: %s should be a dictionary, is %s".formatted(origin(), what, described(value)));
  }

  private String place(List<String> path) {
    return path.isEmpty() ? origin() : origin() + "[" + String.join("][", path) + "]";
  }

  private static String described(TorchValue value) {
    return PickleText.printable(value.toString());
  }
}
