package dev.syrinx.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes pickles of protocol 2 instruction by instruction, honest ones and others. */
final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PickleWriter() {
    raw(0x80, 2);
  }

  PickleWriter raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  PickleWriter text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return raw('X').int32(bytes.length).bytes(bytes);
  }

  PickleWriter global(String module, String name) {
    return raw('c').bytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  PickleWriter whole(long value) {
    return raw(0x8a, 8).bytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }

  PickleWriter wholes(long... values) {
    raw('(');
    for (long value : values) {
      whole(value);
    }
    return raw('t');
  }

  /** A storage reference. */
  PickleWriter storage(String type, String key, long elements) {
    raw('(').text("storage").global("torch", type).text(key).text("cpu").whole(elements);
    return raw('t', 'Q');
  }

  /** A tensor over a storage. */
  PickleWriter tensor(String type, String key, long stored, long offset, long[] shape, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").raw('(').storage(type, key, stored).whole(offset).wholes(shape).wholes(strides);
    return raw(0x89).global("collections", "OrderedDict").raw(')', 'R', 't', 'R');
  }

  /** Strings, numbers, nested maps and contiguous tensors, whose storages are named by the order of {@code storages}. */
  PickleWriter value(Object value, List<StoredTensor> storages) {
    return switch (value) {
      case String text -> text(text);
      case Number number -> whole(number.longValue());
      case StoredTensor tensor -> {
        storages.add(tensor);
        long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
        yield tensor(storageType(tensor), Integer.toString(storages.size() - 1), tensor.elements(), 0, shape, rowMajor(shape));
      }
      case Map<?, ?> map -> {
        raw('}', '(');
        map.forEach((key, item) -> value(key, storages).value(item, storages));
        yield raw('u');
      }
      default -> throw new IllegalArgumentException("cannot pickle " + value);
    };
  }

  PickleWriter bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  PickleWriter int32(int value) {
    return bytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  byte[] stop() {
    out.write('.');
    return out.toByteArray();
  }

  private static String storageType(StoredTensor tensor) {
    return switch (tensor.dtype()) {
      case F32 -> "FloatStorage";
      case F16 -> "HalfStorage";
      case I64 -> "LongStorage";
      default -> throw new IllegalArgumentException("no storage class for " + tensor.dtype());
    };
  }

  static long[] rowMajor(long... shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= shape[i];
    }
    return strides;
  }
}
