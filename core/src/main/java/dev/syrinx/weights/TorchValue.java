package dev.syrinx.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a PyTorch file can hold for this program. Values know nothing of the Python objects they stand for. Containers may contain
 * themselves, so they compare by identity and describe themselves by size only.
 */
public sealed interface TorchValue {
  /** Python's {@code None}. */
  record Nothing() implements TorchValue {}

  /** A boolean. */
  record Truth(boolean value) implements TorchValue {}

  /** An integer of at most 64 bits. */
  record Whole(long value) implements TorchValue {}

  /** A floating-point number. */
  record Real(double value) implements TorchValue {}

  /** A string. */
  record Text(String value) implements TorchValue {
    @Override
    public String toString() {
      return "string '" + PickleText.printable(value) + "'";
    }
  }

  /** A class or function that may be named, but is never called; for instance {@code torch.float32}. */
  record Global(String name) implements TorchValue {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Something that is carried along without being understood: bytes, integers beyond 64 bits, numbers of NumPy. */
  record Opaque(String description) implements TorchValue {}

  /** A run of elements in the file, which tensors view. */
  final class Storage implements TorchValue {
    private final String key;
    private final ElementType type;
    private final long total;
    private final long first;
    private final long elements;

    /**
     * @param total elements stored in the file
     * @param first where this view of them begins; 0 but for files of the oldest versions
     * @param elements length of this view
     */
    Storage(String key, ElementType type, long total, long first, long elements) {
      this.key = key;
      this.type = type;
      this.total = total;
      this.first = first;
      this.elements = elements;
    }

    String key() {
      return key;
    }

    ElementType type() {
      return type;
    }

    long total() {
      return total;
    }

    long first() {
      return first;
    }

    /** Number of elements. */
    public long elements() {
      return elements;
    }

    @Override
    public String toString() {
      return "storage '%s' of %d %s".formatted(PickleText.printable(key), elements, type.name());
    }
  }

  /** A tensor that has been described and checked, but not read. */
  final class Tensor implements TorchValue {
    private final Storage storage;
    private final ElementType type;
    private final long offset;
    private final List<Integer> shape;
    private final List<Long> strides;

    /** All counts are in elements of {@code type}; {@link TorchTensors} makes instances and has checked them against the storage. */
    Tensor(Storage storage, ElementType type, long offset, List<Integer> shape, List<Long> strides) {
      this.storage = storage;
      this.type = type;
      this.offset = offset;
      this.shape = List.copyOf(shape);
      this.strides = List.copyOf(strides);
    }

    Storage storage() {
      return storage;
    }

    ElementType type() {
      return type;
    }

    long offset() {
      return offset;
    }

    List<Long> strides() {
      return strides;
    }

    /** Extents, outermost first. */
    public List<Integer> shape() {
      return shape;
    }

    @Override
    public String toString() {
      return "tensor of " + type.name() + " " + shape;
    }
  }

  /** A list, tuple or set. */
  final class Sequence implements TorchValue {
    private final List<TorchValue> items;

    Sequence(List<TorchValue> items) {
      this.items = new ArrayList<>(items);
    }

    void addAll(List<TorchValue> more) {
      items.addAll(more);
    }

    /** The items in their order. */
    public List<TorchValue> items() {
      return Collections.unmodifiableList(items);
    }

    @Override
    public String toString() {
      return "sequence of " + items.size();
    }
  }

  /** A dictionary, in its order. */
  final class Dictionary implements TorchValue {
    /** Strings and numbers are unwrapped as keys: they are comparable, which keeps a map of colliding hashes fast. */
    private final Map<Object, TorchValue> entries = new LinkedHashMap<>();

    void put(TorchValue key, TorchValue value) {
      entries.put(unwrapped(key), value);
    }

    private static Object unwrapped(TorchValue key) {
      return switch (key) {
        case Text text -> text.value();
        case Whole whole -> whole.value();
        case Real real -> real.value();
        case Truth truth -> truth.value();
        default -> key;
      };
    }

    /** The value under a string. */
    public Optional<TorchValue> get(String key) {
      return Optional.ofNullable(entries.get(key));
    }

    /** Keys: {@link String}, {@link Long}, {@link Double}, {@link Boolean} for the simple values, else the value itself. */
    public Set<Object> keys() {
      return Collections.unmodifiableSet(entries.keySet());
    }

    Map<Object, TorchValue> entries() {
      return entries;
    }

    @Override
    public String toString() {
      return "dictionary of " + entries.size();
    }
  }
}
