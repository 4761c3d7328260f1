package dev.syrinx.weights;

import dev.syrinx.kernels.DType;
import java.util.Locale;
import java.util.Optional;

/** Element types by the names that file formats use, the ones included that this program can skip but not read. */
record ElementType(String name, int bytes, Optional<DType> dtype) {
  private static ElementType of(DType dtype) {
    return new ElementType(dtype.name(), dtype.bytes(), Optional.of(dtype));
  }

  /** A type of the safetensors format, such as "BF16". */
  static Optional<ElementType> safetensors(String name) {
    return switch (name) {
      case "F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL" -> Optional.of(of(DType.valueOf(name)));
      case "U64", "C64" -> Optional.of(new ElementType(name, 8, Optional.empty()));
      case "U32" -> Optional.of(new ElementType(name, 4, Optional.empty()));
      case "U16" -> Optional.of(new ElementType(name, 2, Optional.empty()));
      case "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ" -> Optional.of(new ElementType(name, 1, Optional.empty()));
      default -> Optional.empty();
    };
  }

  /** A type of PyTorch, such as "bfloat16" or, without the word Storage, "BFloat16". */
  static Optional<ElementType> torch(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "double", "float64" -> Optional.of(of(DType.F64));
      case "float", "float32" -> Optional.of(of(DType.F32));
      case "half", "float16" -> Optional.of(of(DType.F16));
      case "bfloat16" -> Optional.of(of(DType.BF16));
      case "long", "int64" -> Optional.of(of(DType.I64));
      case "int", "int32" -> Optional.of(of(DType.I32));
      case "short", "int16" -> Optional.of(of(DType.I16));
      case "char", "int8" -> Optional.of(of(DType.I8));
      case "byte", "uint8", "untyped" -> Optional.of(of(DType.U8));
      case "bool" -> Optional.of(of(DType.BOOL));
      case "complexdouble", "complex128" -> Optional.of(new ElementType(name, 16, Optional.empty()));
      case "complexfloat", "complex64", "uint64" -> Optional.of(new ElementType(name, 8, Optional.empty()));
      case "uint32" -> Optional.of(new ElementType(name, 4, Optional.empty()));
      case "uint16" -> Optional.of(new ElementType(name, 2, Optional.empty()));
      case "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu" ->
          Optional.of(new ElementType(name, 1, Optional.empty()));
      default -> Optional.empty();
    };
  }

  /**
   * @throws CheckpointException if this program cannot read such elements
   */
  DType readable(String origin, String tensor) {
    return dtype.orElseThrow(() -> new CheckpointException(
        "%s: tensor '%s' has elements of type %s, which is not supported: convert it to float32".formatted(origin, tensor, name)));
  }
}
