package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Dictionary;
import dev.syrinx.weights.TorchValue.Global;
import dev.syrinx.weights.TorchValue.Opaque;
import dev.syrinx.weights.TorchValue.Sequence;
import dev.syrinx.weights.TorchValue.Tensor;
import java.util.List;
import java.util.Optional;

/** What stands for the result of the few calls that checkpoints contain. */
final class TorchObjects {
  private TorchObjects() {}

  /** The value for "callee called with arguments". */
  static TorchValue call(TorchValue callee, TorchValue arguments, PickleStack stack) {
    if (!(callee instanceof Global(String name)) || !(arguments instanceof Sequence sequence)) {
      throw new CheckpointException("a call of " + callee + " with " + arguments);
    }
    List<TorchValue> args = sequence.items();
    return switch (name) {
      case TorchGlobals.TENSOR, TorchGlobals.TENSOR_V2 -> TorchTensors.tensor(args, Optional.empty());
      case TorchGlobals.TENSOR_V3 -> TorchTensors.tensor(args, Optional.of(elementType(args)));
      case TorchGlobals.PARAMETER -> parameter(args);
      case TorchGlobals.SIZE -> size(args);
      case TorchGlobals.ORDERED_DICT -> ordered(args, stack);
      default -> {
        if (!TorchGlobals.opaque(name)) {
          throw new CheckpointException("a call of " + name + ", which is no function");
        }
        yield new Opaque(name);
      }
    };
  }

  /** State set on a finished object ({@code _metadata} of a state dictionary, say) is dropped. */
  static TorchValue acceptState(TorchValue object) {
    if (object instanceof Dictionary || object instanceof Tensor || object instanceof Opaque) {
      return object;
    }
    throw new CheckpointException("attributes for " + object);
  }

  private static ElementType elementType(List<TorchValue> args) {
    if (args.size() > 6 && args.get(6) instanceof Global(String name)) {
      return TorchGlobals.elementType(name).orElseThrow(() -> new CheckpointException("a tensor of the type " + name));
    }
    throw new CheckpointException("a tensor without element type");
  }

  private static TorchValue parameter(List<TorchValue> args) {
    if (!args.isEmpty() && args.getFirst() instanceof Tensor tensor) {
      return tensor;
    }
    throw new CheckpointException("a parameter without tensor");
  }

  private static TorchValue size(List<TorchValue> args) {
    if (args.isEmpty()) {
      return new Sequence(List.of());
    }
    if (args.getFirst() instanceof Sequence extents) {
      return extents;
    }
    throw new CheckpointException("a size without extents");
  }

  private static TorchValue ordered(List<TorchValue> args, PickleStack stack) {
    Dictionary dictionary = new Dictionary();
    if (args.isEmpty()) {
      return dictionary;
    }
    if (!(args.getFirst() instanceof Sequence pairs)) {
      throw new CheckpointException("an ordered dictionary of " + args.getFirst());
    }
    stack.countCopies(pairs.items().size());
    for (TorchValue pair : pairs.items()) {
      if (!(pair instanceof Sequence entry) || entry.items().size() != 2) {
        throw new CheckpointException("an ordered dictionary with an entry that is no pair");
      }
      dictionary.put(entry.items().get(0), entry.items().get(1));
    }
    return dictionary;
  }
}
