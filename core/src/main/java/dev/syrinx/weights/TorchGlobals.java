package dev.syrinx.weights;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The names that a checkpoint may mention. Anything else could run code when Python loads the file, and is refused. */
final class TorchGlobals {
  static final String ORDERED_DICT = "collections.OrderedDict";
  static final String SIZE = "torch.Size";
  static final String TENSOR = "torch._utils._rebuild_tensor";
  static final String TENSOR_V2 = "torch._utils._rebuild_tensor_v2";
  static final String TENSOR_V3 = "torch._utils._rebuild_tensor_v3";
  static final String PARAMETER = "torch._utils._rebuild_parameter";

  private static final Set<String> BUILDERS = Set.of(ORDERED_DICT, SIZE, TENSOR, TENSOR_V2, TENSOR_V3, PARAMETER);
  /** NumPy numbers beside the tensors, such as a best loss: carried along unread. */
  private static final Set<String> OPAQUE = Set.of(
      "numpy.dtype", "numpy.ndarray", "_codecs.encode", "torch.device",
      "numpy.core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
      "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct");

  private TorchGlobals() {}

  static boolean allowed(String name) {
    return BUILDERS.contains(name) || OPAQUE.contains(name) || storageType(name).isPresent() || elementType(name).isPresent();
  }

  static boolean opaque(String name) {
    return OPAQUE.contains(name);
  }

  /** The element type of a storage class: {@code torch.FloatStorage}, {@code torch.cuda.HalfStorage}, … */
  static Optional<ElementType> storageType(String name) {
    if (!name.endsWith("Storage")) {
      return Optional.empty();
    }
    for (String module : new String[] {"torch.cuda.", "torch.storage.", "torch."}) {
      if (name.startsWith(module)) {
        String type = name.substring(module.length(), name.length() - "Storage".length());
        return ElementType.torch(type.startsWith("_") ? type.substring(1) : type);
      }
    }
    return Optional.empty();
  }

  /** The element type that a constant such as {@code torch.bfloat16} names. */
  static Optional<ElementType> elementType(String name) {
    return name.startsWith("torch.") && name.equals(name.toLowerCase(Locale.ROOT)) && !name.endsWith("untyped")
        ? ElementType.torch(name.substring("torch.".length()))
        : Optional.empty();
  }
}
