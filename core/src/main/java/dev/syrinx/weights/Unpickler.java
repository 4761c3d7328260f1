package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Dictionary;
import dev.syrinx.weights.TorchValue.Nothing;
import dev.syrinx.weights.TorchValue.Opaque;
import dev.syrinx.weights.TorchValue.Real;
import dev.syrinx.weights.TorchValue.Sequence;
import dev.syrinx.weights.TorchValue.Text;
import dev.syrinx.weights.TorchValue.Truth;
import dev.syrinx.weights.TorchValue.Whole;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Reads pickles of protocols 0 to 5 as PyTorch writes them. It builds the values of {@link TorchValue} and nothing else; there is no
 * instruction by which a file could have anything executed. It does not recurse, and every instruction costs bounded memory.
 */
final class Unpickler {
  private static final int MAX_INSTRUCTIONS = 2_000_000;
  private static final TorchValue NONE = new Nothing();

  private final PickleInput in;
  private final Function<TorchValue, TorchValue> persistent;
  private final PickleStack stack;

  /**
   * @param in where the pickle begins
   * @param persistent resolves references to data outside the pickle
   */
  Unpickler(PickleInput in, Function<TorchValue, TorchValue> persistent) {
    this.in = in;
    this.persistent = persistent;
    this.stack = new PickleStack(in);
  }

  /**
   * The pickled value; the input then stands behind it.
   *
   * @throws CheckpointException if the pickle is damaged, too large, or wants something that is not allowed
   */
  TorchValue load() {
    for (int i = 0; i < MAX_INSTRUCTIONS; i++) {
      int code = in.u8();
      if (code == '.') {
        return stack.pop();
      }
      if (!constant(code) && !number(code) && !string(code) && !container(code) && !bookkeeping(code) && !object(code)) {
        throw in.error("instruction 0x%02x, which checkpoints have no use for".formatted(code));
      }
    }
    throw in.error("more than " + MAX_INSTRUCTIONS + " instructions");
  }

  private boolean constant(int code) {
    switch (code) {
      case 'N' -> stack.push(NONE);
      case 0x88 -> stack.push(new Truth(true));
      case 0x89 -> stack.push(new Truth(false));
      case '}' -> stack.push(new Dictionary());
      case ']', ')', 0x8f -> stack.push(new Sequence(List.of()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean number(int code) {
    switch (code) {
      case 'K' -> stack.push(new Whole(in.u8()));
      case 'M' -> stack.push(new Whole(in.u16()));
      case 'J' -> stack.push(new Whole(in.i32()));
      case 0x8a -> stack.push(longOf(in.u8()));
      case 0x8b -> stack.push(longOf(in.u32()));
      case 'G' -> stack.push(new Real(in.f64()));
      case 'I', 'L', 'F' -> stack.push(PickleText.number(code, in));
      default -> {
        return false;
      }
    }
    return true;
  }

  private TorchValue longOf(long length) {
    if (length <= Long.BYTES) {
      return new Whole(in.whole((int) length));
    }
    in.skip(length);
    return new Opaque("integer of " + length + " bytes");
  }

  private boolean string(int code) {
    switch (code) {
      case 'X' -> stack.push(new Text(in.text(in.u32(), StandardCharsets.UTF_8)));
      case 0x8c -> stack.push(new Text(in.text(in.u8(), StandardCharsets.UTF_8)));
      case 0x8d -> stack.push(new Text(in.text(in.i64(), StandardCharsets.UTF_8)));
      case 'U' -> stack.push(new Text(in.text(in.u8(), StandardCharsets.UTF_8)));
      case 'T' -> stack.push(new Text(in.text(in.u32(), StandardCharsets.UTF_8)));
      case 'S', 'V' -> stack.push(PickleText.string(code, in));
      case 'C' -> stack.push(bytes(in.u8()));
      case 'B' -> stack.push(bytes(in.u32()));
      case 0x8e, 0x96 -> stack.push(bytes(in.i64()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private TorchValue bytes(long length) {
    in.skip(length);
    return new Opaque(length + " bytes");
  }

  private boolean container(int code) {
    switch (code) {
      case 't', 'l', 0x91 -> stack.push(new Sequence(stack.popToMark()));
      case 0x85 -> stack.push(new Sequence(stack.popMany(1)));
      case 0x86 -> stack.push(new Sequence(stack.popMany(2)));
      case 0x87 -> stack.push(new Sequence(stack.popMany(3)));
      case 'd' -> {
        List<TorchValue> items = stack.popToMark();
        Dictionary made = new Dictionary();
        putAll(made, items);
        stack.push(made);
      }
      case 'a' -> addAll(stack.popMany(1));
      case 'e', 0x90 -> addAll(stack.popToMark());
      case 's' -> putAll(dictionary(2), stack.popMany(2));
      case 'u' -> {
        List<TorchValue> items = stack.popToMark();
        putAll(dictionary(0), items);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void addAll(List<TorchValue> items) {
    if (!(stack.peek(0) instanceof Sequence sequence)) {
      throw in.error("items for " + stack.peek(0));
    }
    sequence.addAll(items);
  }

  private Dictionary dictionary(int below) {
    if (stack.peek(below) instanceof Dictionary dictionary) {
      return dictionary;
    }
    throw in.error("entries for " + stack.peek(below));
  }

  private void putAll(Dictionary dictionary, List<TorchValue> items) {
    if (items.size() % 2 != 0) {
      throw in.error("a key without value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      dictionary.put(items.get(i), items.get(i + 1));
    }
  }

  private boolean bookkeeping(int code) {
    switch (code) {
      case 0x80 -> {
        int protocol = in.u8();
        if (protocol > 5) {
          throw in.error("protocol " + protocol);
        }
      }
      case 0x95 -> in.i64(); // the length of a frame, which only helps readers of streams
      case '(' -> stack.mark();
      case '0' -> stack.pop();
      case '1' -> stack.popToMark();
      case '2' -> stack.push(stack.peek(0));
      case 'q' -> stack.remember(in.u8());
      case 'r' -> stack.remember(in.u32());
      case 'p' -> stack.remember(PickleText.index(in));
      case 0x94 -> stack.rememberNext();
      case 'h' -> stack.push(stack.recall(in.u8()));
      case 'j' -> stack.push(stack.recall(in.u32()));
      case 'g' -> stack.push(stack.recall(PickleText.index(in)));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean object(int code) {
    switch (code) {
      case 'c' -> {
        String module = in.line();
        stack.push(global(module, in.line()));
      }
      case 0x93 -> {
        List<TorchValue> names = stack.popMany(2);
        if (!(names.get(0) instanceof Text(String module)) || !(names.get(1) instanceof Text(String name))) {
          throw in.error("a global whose name is no string");
        }
        stack.push(global(module, name));
      }
      case 'Q' -> stack.push(guarded(() -> persistent.apply(stack.pop())));
      case 'R', 0x81 -> {
        List<TorchValue> call = stack.popMany(2);
        stack.push(guarded(() -> TorchObjects.call(call.get(0), call.get(1), stack)));
      }
      case 'b' -> {
        List<TorchValue> objectAndState = stack.popMany(2);
        guarded(() -> TorchObjects.acceptState(objectAndState.get(0)));
        stack.push(objectAndState.get(0));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private TorchValue global(String module, String name) {
    String full = module + "." + name;
    if (!TorchGlobals.allowed(full)) {
      throw in.error("it asks for '%s', which no checkpoint needs and which Python would run: the file is damaged, or not to be trusted"
          .formatted(PickleText.printable(full)));
    }
    return new TorchValue.Global(full);
  }

  private TorchValue guarded(Supplier<TorchValue> maker) {
    try {
      return maker.get();
    } catch (CheckpointException e) {
      throw new CheckpointException(in.error(e.getMessage()).getMessage(), e);
    }
  }
}
