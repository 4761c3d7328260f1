package dev.syrinx.backend.cuda;

import dev.syrinx.backend.cuda.Instruction.Op;
import dev.syrinx.backend.cuda.Instruction.Place;
import java.util.List;
import java.util.OptionalInt;

/**
 * The memory through which the blocks of a {@link DecodeProgram} tell each other what they made: each instruction's numbers have a place that nothing else uses, so that a
 * reader who finds a number there need not ask whether it is the right one.
 */
final class Exchange {
  /** What a place holds until it is filled, a NaN that no arithmetic makes: the kernel knows. */
  static final int NOTHING = 0x7fa5c3e1;

  /** Numbers of a sector of the device's memory: rows that different blocks fill do not share one. */
  private static final int ALIGNMENT = 8;

  private final List<Instruction> instructions;
  private long used;

  private Exchange(List<Instruction> instructions) {
    this.instructions = instructions;
  }

  /** Gives every instruction its places; how many floats these are together, or nothing if one reads what none before it made, or if there are too many. */
  static OptionalInt place(List<Instruction> instructions) {
    Exchange made = new Exchange(instructions);
    for (int i = 0; i < instructions.size(); i++) {
      if (!made.place(i)) {
        return OptionalInt.empty();
      }
    }
    made.leaveOutOverwritten();
    return OptionalInt.of(Math.toIntExact(made.used));
  }

  private boolean place(int at) {
    Instruction it = instructions.get(at);
    if (it.op() != Op.GATHER) {
      it.in = it.prologue == Instruction.Prologue.COMBINE ? instructions.get(at - 1).out : outOf(at, it.x, it.xRow);
    }
    if (it.residual != 0) {
      it.added = outOf(at, it.residual, it.yRow);
    }
    boolean found = (it.op() == Op.GATHER || it.in != Place.NONE) && (it.residual == 0 || it.added != Place.NONE);
    if (it.op() == Op.ATTEND) {
      found &= newest(at, it);
    }
    it.out = new Place((int) used, Math.ceilDiv(it.outputs(), 4) * 4);
    used += Math.ceilDiv(it.outFloats(), ALIGNMENT) * ALIGNMENT;
    return found && used <= Integer.MAX_VALUE;
  }

  /** What the program itself writes over again nobody behind it can read: so each number of memory is written once at most, and needs no order. */
  private void leaveOutOverwritten() {
    for (int i = 0; i < instructions.size(); i++) {
      Instruction it = instructions.get(i);
      if (overwritten(it, i + 1)) {
        it.y = 0;
      }
    }
  }

  private boolean overwritten(Instruction it, int from) {
    long begin = it.yBegin();
    long end = it.yEnd();
    for (int i = from; i < instructions.size(); i++) {
      Instruction later = instructions.get(i);
      if (later.yBegin() < end && begin < later.yEnd()) {
        return true;
      }
    }
    return false;
  }

  /** Where the numbers are that an earlier instruction writes to an address, in rows that are so far apart. */
  private Place outOf(int at, long address, int row) {
    for (int i = at - 1; i >= 0; i--) {
      Instruction earlier = instructions.get(i);
      if (earlier.op() != Op.ATTEND && earlier.y == address) {
        return earlier.yRow == row || earlier.rows() == 1 ? earlier.out : Place.NONE;
      }
    }
    return Place.NONE;
  }

  /** Whether the product in front of an attention makes its newest keys and values, too. */
  private boolean newest(int at, Instruction attention) {
    Instruction product = instructions.get(at - 1);
    attention.split = product.split;
    return product.op() == Op.PRODUCT && product.y == attention.x && product.split > 0 && product.keys == attention.keys && product.values == attention.values;
  }
}
