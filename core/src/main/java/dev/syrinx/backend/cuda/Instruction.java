package dev.syrinx.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.syrinx.kernels.DType;
import java.lang.foreign.MemorySegment;

/** One step of a {@link DecodeProgram}, as the kernel's structure of the same name lays it out. Field names are the kernel's. */
final class Instruction {
  /** Bytes of the kernel's structure. */
  static final int BYTES = 12 * 8 + 23 * 4 + 3 * 4;

  /** What it does; the numbers are the kernel's. */
  enum Op { GATHER, PRODUCT, ATTEND, NORM }

  /** Where numbers are in the exchange, in floats; {@code at} below 0 for nowhere. */
  record Place(int at, int row) {
    static final Place NONE = new Place(-1, 0);
  }

  /** What happens to a product's inputs on their way. */
  enum Prologue { PLAIN, LAYER_NORM, COMBINE }

  final Op op;
  Prologue prologue = Prologue.PLAIN;
  DType type = DType.F32;
  long x;
  long w;
  long bias;
  long scale;
  long residual;
  long y;
  long gain;
  long shift;
  long slots;
  long keys;
  long values;
  long table;
  long lengths;
  int rows;
  int n;
  int k;
  int xRow;
  int yRow;
  int activation;
  int split;
  int cacheRow;
  int tableRow;
  int blockSize = 1;
  int heads;
  int kvGroup = 1;
  int splits;
  int positions = 1;
  int head;
  int share;
  Place in = Place.NONE;
  Place added = Place.NONE;
  Place out = Place.NONE;
  float alpha = 1;
  float eps;
  float softmaxScale;

  Instruction(Op op) {
    this.op = op;
  }

  Op op() {
    return op;
  }

  /** The same for some of the sequences: everything that has a row for each begins at theirs. */
  Instruction forRows(int from, int count) {
    Instruction made = new Instruction(op);
    made.prologue = prologue;
    made.type = type;
    made.x = op == Op.GATHER || prologue == Prologue.COMBINE ? x : moved(x, from * 4L * xRow);
    made.w = w;
    made.bias = bias;
    made.scale = scale;
    made.residual = moved(residual, from * 4L * yRow);
    made.y = moved(y, from * 4L * yRow);
    made.gain = gain;
    made.shift = shift;
    made.slots = moved(slots, from * 4L);
    made.keys = keys;
    made.values = values;
    made.table = moved(table, from * 4L * (op == Op.GATHER ? 1 : tableRow));
    made.lengths = moved(lengths, from * 4L);
    made.rows = count;
    made.n = n;
    made.k = k;
    made.xRow = xRow;
    made.yRow = yRow;
    made.activation = activation;
    made.split = split;
    made.cacheRow = cacheRow;
    made.tableRow = tableRow;
    made.blockSize = blockSize;
    made.heads = heads;
    made.kvGroup = kvGroup;
    made.splits = splits;
    made.positions = positions;
    made.head = head;
    made.alpha = alpha;
    made.eps = eps;
    made.softmaxScale = softmaxScale;
    return made;
  }

  private static long moved(long address, long bytes) {
    return address == 0 ? 0 : address + bytes;
  }

  DType type() {
    return type;
  }

  int rows() {
    return rows;
  }

  int n() {
    return n;
  }

  int k() {
    return k;
  }

  int heads() {
    return heads;
  }

  int splits() {
    return splits;
  }

  /** Numbers of a row that it makes. */
  int outputs() {
    return op == Op.PRODUCT ? n : k;
  }

  /** First address of what it writes to its output. */
  long yBegin() {
    return y;
  }

  /** End of that: an attention has no output, and a product's columns from {@code split} on go to the caches. */
  long yEnd() {
    int columns = split > 0 ? split : outputs();
    return y == 0 ? 0 : y + 4L * ((rows - 1L) * yRow + columns);
  }

  /** Floats of the exchange that it fills. An attention: for each head of each sequence and each piece the maximum, the sum, two unused, and the values. */
  long outFloats() {
    return op == Op.ATTEND ? (long) rows * heads * splits * (head + 4) : (long) rows * Math.ceilDiv(outputs(), 4) * 4;
  }

  void write(MemorySegment to) {
    long[] addresses = {x, w, bias, scale, y, gain, shift, slots, keys, values, table, lengths};
    int inRow = op == Op.GATHER ? xRow : in.row();
    int[] ints = {op.ordinal(), prologue.ordinal(), rows, n, k, inRow, yRow, activation, split, cacheRow, tableRow, blockSize, heads, kvGroup, splits, positions,
        head, share, in.at(), added.at(), added.row(), out.at(), out.row()};
    float[] floats = {alpha, eps, softmaxScale};
    for (int i = 0; i < addresses.length; i++) {
      to.setAtIndex(JAVA_LONG, i, addresses[i]);
    }
    for (int i = 0; i < ints.length; i++) {
      to.set(JAVA_INT, addresses.length * 8L + i * 4L, ints[i]);
    }
    for (int i = 0; i < floats.length; i++) {
      to.set(JAVA_FLOAT, addresses.length * 8L + ints.length * 4L + i * 4L, floats[i]);
    }
  }

  @Override
  public String toString() {
    return op + (op == Op.PRODUCT ? " " + prologue + " " + n + "x" + k : "");
  }
}
