package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Sequence;
import dev.syrinx.weights.TorchValue.Storage;
import dev.syrinx.weights.TorchValue.Tensor;
import dev.syrinx.weights.TorchValue.Text;
import dev.syrinx.weights.TorchValue.Whole;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tensors as PyTorch describes them: a storage, an offset, extents and strides. All arithmetic here is on numbers a stranger wrote. */
final class TorchTensors {
  /** A tensor may show an element many times (an expanded view). Up to this many elements that is convenience, above it an attack. */
  private static final long MAX_EXPANDED = 1 << 20;

  private TorchTensors() {}

  /**
   * Storage from a persistent id: ("storage", class, key, device, elements[, None or (key, offset, elements) of a view]).
   *
   * @throws CheckpointException if it is none
   */
  static Storage storage(TorchValue id) {
    List<TorchValue> parts = id instanceof Sequence sequence ? sequence.items() : List.of();
    if (parts.size() < 5
        || !(parts.get(0) instanceof Text(String kind)) || !kind.equals("storage")
        || !(parts.get(1) instanceof TorchValue.Global(String className))
        || !(parts.get(2) instanceof Text(String key))
        || !(parts.get(4) instanceof Whole(long total))) {
      throw new CheckpointException("a reference to outside data that is no tensor storage");
    }
    ElementType type = TorchGlobals.storageType(className)
        .orElseThrow(() -> new CheckpointException("storage '%s' is of the unknown class %s".formatted(key, className)));
    if (total < 0 || total > Long.MAX_VALUE / type.bytes()) {
      throw new CheckpointException("storage '%s' claims %d elements".formatted(key, total));
    }
    if (parts.size() < 6 || !(parts.get(5) instanceof Sequence view)) {
      return new Storage(key, type, total, 0, total);
    }
    long first = whole(view.items(), 1, "view offset");
    long elements = whole(view.items(), 2, "view length");
    if (first < 0 || elements < 0 || first > total || elements > total - first) {
      throw new CheckpointException("storage '%s' of %d elements has a view of %d from %d".formatted(key, total, elements, first));
    }
    return new Storage(key, type, total, first, elements);
  }

  /**
   * A tensor from the arguments of its rebuild function: storage, offset, extents, strides, …
   *
   * @param dtype the element type, where it is not the storage's
   */
  static Tensor tensor(List<TorchValue> args, Optional<ElementType> dtype) {
    if (args.size() < 4 || !(args.get(0) instanceof Storage storage)
        || !(args.get(2) instanceof Sequence extents) || !(args.get(3) instanceof Sequence steps)) {
      throw new CheckpointException("a tensor without storage, shape or strides");
    }
    if (extents.items().size() > Shapes.MAX_RANK || extents.items().size() != steps.items().size()) {
      throw new CheckpointException("a tensor of %d extents and %d strides".formatted(extents.items().size(), steps.items().size()));
    }
    ElementType type = dtype.orElse(storage.type());
    long offset = whole(args, 1, "offset");
    List<Integer> shape = new ArrayList<>();
    List<Long> strides = new ArrayList<>();
    for (int i = 0; i < extents.items().size(); i++) {
      long extent = whole(extents.items(), i, "extent");
      if (extent < 0 || extent > Integer.MAX_VALUE) {
        throw new CheckpointException("a tensor with the extent " + extent);
      }
      shape.add((int) extent);
      strides.add(whole(steps.items(), i, "stride"));
    }
    Tensor tensor = new Tensor(storage, type, offset, shape, strides);
    checkBounds(tensor);
    return tensor;
  }

  private static void checkBounds(Tensor tensor) {
    Storage storage = tensor.storage();
    String what = "%s at offset %d with strides %s in %s".formatted(tensor, tensor.offset(), tensor.strides(), storage);
    try {
      long elements = Shapes.elements(tensor.shape());
      long last = tensor.offset();
      for (int i = 0; i < tensor.shape().size(); i++) {
        if (tensor.strides().get(i) < 0) {
          throw new CheckpointException(what + ": negative stride");
        }
        last = Math.addExact(last, Math.multiplyExact(Math.max(tensor.shape().get(i) - 1L, 0), tensor.strides().get(i)));
      }
      long room = storage.elements() * storage.type().bytes() / tensor.type().bytes();
      if (tensor.offset() < 0 || (elements > 0 && last >= room)) {
        throw new CheckpointException(what + ": reaches outside its storage");
      }
      if (elements > Math.max(storage.elements(), MAX_EXPANDED)) {
        throw new CheckpointException(what + ": shows more elements than are stored");
      }
      Math.multiplyExact(elements, (long) tensor.type().bytes());
    } catch (ArithmeticException e) {
      throw new CheckpointException(what + ": impossible", e);
    }
  }

  /**
   * The tensor's elements, row-major. Contiguous tensors are views; others are copied into memory that lives as long as the result.
   *
   * @param stored the whole storage's bytes
   */
  static StoredTensor read(String origin, String name, Tensor tensor, MemorySegment stored) {
    int bytes = tensor.type().bytes();
    long count = Shapes.elements(tensor.shape());
    long start = tensor.storage().first() * tensor.storage().type().bytes() + (count == 0 ? 0 : tensor.offset() * bytes);
    MemorySegment data = StridedCopy.contiguous(tensor.shape(), tensor.strides())
        ? stored.asSlice(start, count * bytes)
        : StridedCopy.copy(stored.asSlice(start), tensor.shape(), tensor.strides(), bytes, Arena.ofAuto().allocate(count * bytes, 64));
    return new StoredTensor(name, tensor.type().readable(origin, name), tensor.shape(), data);
  }

  private static long whole(List<TorchValue> values, int index, String what) {
    if (index < values.size() && values.get(index) instanceof Whole(long value)) {
      return value;
    }
    throw new CheckpointException("a tensor whose " + what + " is no integer");
  }
}
