package dev.syrinx.backend.cuda;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.kernels.attention.DecodeAttention;
import dev.syrinx.kernels.embed.GatherRows;
import dev.syrinx.kernels.embed.ScatterRows;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.kernels.norm.LayerNorm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the instructions of a recorded decode step. Every pattern that it joins is a call and the only reader of its output. */
final class ProgramWriter {
  private static final Set<Activation> ACTIVATIONS = Set.of(Activation.NONE, Activation.RELU, Activation.SILU, Activation.GELU_TANH, Activation.GELU_ERF);
  /** Operations that have a place in a program. */
  static final Set<KernelSpec> OPERATIONS = Set.of(GatherRows.SPEC, ScatterRows.SPEC, LayerNorm.SPEC, DecodeAttention.SPEC, Gemm.SPEC);

  private static final Set<Integer> HEAD_SIZES = Set.of(16, 32, 64);

  private final List<Arguments> calls;
  /** How many calls have an address among their buffers. Counted once: a search per question took half of a first recording. */
  private final Map<Long, Integer> touches = new HashMap<>();
  private final List<Instruction> instructions = new ArrayList<>();
  private final int end;
  private int at;

  /** For calls {@code first} to {@code end} − 1 of a recording; the others may read what these write, unless it is joined away. */
  ProgramWriter(List<Arguments> calls, int first, int end) {
    this.calls = calls;
    this.end = end;
    at = first;
    calls.forEach(this::count);
  }

  /** The instructions, or nothing if some call has no place. */
  Optional<List<Instruction>> write() {
    while (at < end) {
      if (!next(calls.get(at))) {
        return Optional.empty();
      }
    }
    return Optional.of(instructions);
  }

  private boolean next(Arguments call) {
    if (call.spec() == GatherRows.SPEC) {
      return gather(call);
    }
    if (call.spec() == LayerNorm.SPEC) {
      return norm(call);
    }
    if (call.spec() == DecodeAttention.SPEC) {
      return attention(call);
    }
    return call.spec() == Gemm.SPEC && product(call, new Instruction(Instruction.Op.PRODUCT));
  }

  private Optional<Arguments> following(int distance) {
    return at + distance < end ? Optional.of(calls.get(at + distance)) : Optional.empty();
  }

  /** table[ids], or the sum of two such: embedding and position. */
  private boolean gather(Arguments call) {
    Instruction made = new Instruction(Instruction.Op.GATHER);
    Arguments last = call;
    if (call.has("add") || call.dtype("table") != DType.F32) {
      return false;
    }
    Optional<Arguments> second = following(1).filter(c -> c.spec() == GatherRows.SPEC && c.has("add") && reads(c, "add", call) && c.dtype("table") == DType.F32);
    if (second.isPresent() && contiguous(second.get(), "add")) {
      made.w = address(call, "table");
      made.table = address(call, "ids");
      made.tableRow = stride(call, "table");
      last = second.get();
      at++;
    }
    made.x = address(last, "table");
    made.slots = address(last, "ids");
    made.xRow = stride(last, "table");
    made.y = address(last, "y");
    made.yRow = stride(last, "y");
    made.rows = last.dim("rows");
    made.k = last.dim("d");
    return add(made);
  }

  private boolean norm(Arguments call) {
    if (call.dim("c") > DecodeProgram.MAX_NORM || !aligned(call, "x") || optional(call, "weight") % 16 != 0 || optional(call, "bias") % 16 != 0) {
      return false;
    }
    Optional<Arguments> product = following(1).filter(c -> c.spec() == Gemm.SPEC && reads(c, "x", call) && c.dim("k") == call.dim("c"));
    Instruction made = new Instruction(product.isPresent() ? Instruction.Op.PRODUCT : Instruction.Op.NORM);
    made.prologue = Instruction.Prologue.LAYER_NORM;
    made.gain = optional(call, "weight");
    made.shift = optional(call, "bias");
    made.eps = call.f32("eps");
    made.x = address(call, "x");
    made.xRow = stride(call, "x");
    if (product.isPresent()) {
      at++;
      return product(product.get(), made);
    }
    made.y = address(call, "y");
    made.yRow = stride(call, "y");
    made.rows = call.dim("t");
    made.k = call.dim("c");
    return add(made);
  }

  private boolean attention(Arguments call) {
    Optional<Arguments> product = following(1).filter(c -> c.spec() == Gemm.SPEC && reads(c, "x", call) && c.dim("k") == call.dim("width"));
    int d = call.dim("width") / call.i32("heads");
    boolean aligned = aligned(call, "q") && alignedRows(call, "keys") && alignedRows(call, "values");
    DType cache = product.isEmpty() ? DType.F32 : cache(product.get().dtype("w"));
    if (product.isEmpty() || call.dtype("keys") != cache || !HEAD_SIZES.contains(d) || !aligned || call.stride("keys") != call.stride("values")) {
      return false;
    }
    Instruction made = new Instruction(Instruction.Op.ATTEND);
    made.x = address(call, "q");
    made.xRow = stride(call, "q");
    made.keys = address(call, "keys");
    made.values = address(call, "values");
    made.cacheRow = stride(call, "keys");
    made.table = address(call, "table");
    made.tableRow = stride(call, "table");
    made.blockSize = call.i32("block_size");
    made.kvGroup = call.i32("heads") / call.i32("kv_heads");
    made.softmaxScale = call.f32("scale");
    made.rows = call.dim("batch");
    made.k = call.dim("width");
    combined(made, call);
    add(made);
    Instruction behind = new Instruction(Instruction.Op.PRODUCT);
    behind.prologue = Instruction.Prologue.COMBINE;
    combined(behind, call);
    return product(product.get(), behind);
  }

  private static void combined(Instruction made, Arguments attention) {
    made.lengths = address(attention, "lengths");
    made.heads = attention.i32("heads");
    made.positions = attention.dim("blocks") * attention.i32("block_size");
    made.head = attention.dim("width") / made.heads;
    made.splits = DecodeProgram.splits(made.positions, attention.dtype("keys"));
  }

  /** A product whose inputs may be prepared already, and the scatters behind it. */
  private boolean product(Arguments call, Instruction made) {
    if (!DecodeProgram.streams(call) || !ACTIVATIONS.contains(Activation.of(call.i32("activation")))) {
      return false;
    }
    if (made.prologue == Instruction.Prologue.PLAIN) {
      if (address(call, "x") % 16 != 0 || call.i32("x_row") % 4 != 0) {
        return false;
      }
      made.x = address(call, "x");
      made.xRow = call.i32("x_row");
    }
    made.type = call.dtype("w");
    made.w = address(call, "w");
    made.bias = optional(call, "bias");
    made.scale = optional(call, "scale");
    made.residual = optional(call, "residual");
    made.y = address(call, "y");
    made.yRow = call.i32("y_row");
    made.rows = call.i32("rows");
    made.n = call.dim("n");
    made.k = call.dim("k");
    made.activation = call.i32("activation");
    made.alpha = call.f32("alpha");
    return scatters(made) && add(made);
  }

  /** The second and last third of the outputs into the caches. */
  private boolean scatters(Instruction made) {
    int d = made.n / 3;
    for (int third = 1; third <= 2; third++) {
      Optional<Arguments> scatter = following(1).filter(c -> c.spec() == ScatterRows.SPEC);
      if (scatter.isEmpty()) {
        return third == 1;
      }
      Arguments call = scatter.get();
      boolean fits = call.dtype("target") == cache(made.type) && made.n == 3 * d && call.dim("d") == d && call.dim("rows") == made.rows && stride(call, "x") == made.yRow
          && address(call, "x") == made.y + 4L * third * d && (third == 1 || stride(call, "target") == made.cacheRow);
      if (!fits) {
        return false;
      }
      made.slots = address(call, "slots");
      made.split = d;
      made.cacheRow = stride(call, "target");
      if (third == 1) {
        made.keys = address(call, "target");
      } else {
        made.values = address(call, "target");
      }
      at++;
    }
    return true;
  }

  private boolean add(Instruction made) {
    instructions.add(made);
    at++;
    return true;
  }

  /** Whether a call reads another's whole output here, and nobody else does. */
  private boolean reads(Arguments reader, String param, Arguments producer) {
    long output = address(producer, "y");
    return address(reader, param) == output && touches.getOrDefault(output, 0) == 2;
  }

  private void count(Arguments call) {
    Set<Long> addresses = new HashSet<>();
    for (Param param : call.spec().params()) {
      if (param.buffer() && call.has(param.name())) {
        addresses.add(address(call, param.name()));
      }
    }
    addresses.forEach(address -> touches.merge(address, 1, Integer::sum));
  }

  private static boolean contiguous(Arguments call, String param) {
    return call.view(param).contiguous();
  }

  /** Type of the keys and values that the kernel for a type of weights reads and writes: see {@code fused/cache.cuh}. */
  static DType cache(DType weights) {
    return weights == DType.F32 ? DType.F32 : DType.F16;
  }

  /** Whether rows of a cache may be read four numbers at a time, and fetched 16 bytes at a time. */
  private static boolean alignedRows(Arguments call, String param) {
    return address(call, param) % 16 == 0 && call.stride(param) * call.dtype(param).bytes() % 16 == 0;
  }

  /** Whether rows may be read 16 bytes at a time. */
  private static boolean aligned(Arguments call, String param) {
    return address(call, param) % 16 == 0 && call.stride(param) % 4 == 0;
  }

  private static long address(Arguments call, String param) {
    return call.segment(param).address();
  }

  private static long optional(Arguments call, String param) {
    return call.has(param) ? address(call, param) : 0;
  }

  private static int stride(Arguments call, String param) {
    return Math.toIntExact(call.stride(param));
  }
}
