package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.embed.GatherRows;
import dev.syrinx.kernels.gemm.Gemm;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A recorded decode step as a program for one resident kernel: see {@code kernels/src/main/cuda/fused/decode_program.cu}.
 *
 * <p>Exact in what it computes, it leaves out what only the next call reads: normalised inputs and attention outputs go straight into the products behind them, new keys
 * and values straight from the product into the caches. Recordings that hold anything else are declined and run call by call.
 *
 * @param first call of the recording that it begins with
 * @param end first call that is not its own any more
 * @param entry name of the kernel
 * @param instructions in order, with their places in the exchange
 * @param rows sequences of the largest group
 * @param splits pieces into which attention cuts the longest sequence
 * @param exchangeFloats size of one of its two exchanges
 * @param stages of the ring
 * @param operandBytes parts of shared memory: the inputs of a product, as tensor cores read them
 * @param sumFloats the sums of a product, or of an attention
 */
record DecodeProgram(
    int first, int end, String entry, List<Instruction> instructions, int rows, int splits, int exchangeFloats, int stages, int operandBytes, int sumFloats) {
  static final String SOURCE = "fused/decode_program";

  /** Words in which blocks count: a barrier for each of two launches that take turns, and whose turn it is. */
  static final int COUNTERS = 3;

  private static final int WARPS = 8;

  /** Threads of a block: eight warps that compute, and four that leave them their registers, of which one fetches. */
  static final int THREADS = 384;

  /** Parameters of the kernel: program, count, counter, exchange, floats of one, stages, bytes of operands. */
  private static final List<ArgumentBlock.Kind> KINDS =
      List.of(
          ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT,
          ArgumentBlock.Kind.INT, ArgumentBlock.Kind.INT);

  /** Rows of weights in a stage. */
  private static final int GROUP = 16;

  /** Bytes of a row in a stage, without the 64 that keep rows apart. */
  private static final int PART_BYTES = 2560;

  static final int STAGE_BYTES = GROUP * (PART_BYTES + 64);

  /** Inputs of a norm that the threads of a block hold. */
  static final int MAX_NORM = 2 * 4 * 32 * WARPS;

  /** Pieces into which attention cuts a sequence of so many positions. */
  static int splits(int positions, DType cache) {
    return 2 * Math.ceilDiv(positions, 2 * piece(cache));
  }

  /** Most positions of a piece of attention. */
  private static int piece(DType cache) {
    return cache == DType.F32 ? 192 : 320;
  }

  private static final int MAX_STAGES = 8;

  /** Sequences that go through the layers together: each takes two of the eight columns of a tensor core's product. */
  private static final int MAX_ROWS = 4;

  /** Most sequences of a step: those beyond four go through the layers after the others, with the same result as alone. */
  private static final int MAX_SEQUENCES = 8;

  /** The ring's barriers, two instructions, and what the warps tell each other. */
  private static final int FIXED_BYTES = Math.ceilDiv(3 * MAX_STAGES * 8 + 2 * Instruction.BYTES + MAX_ROWS * WARPS * 2 * 4, 128) * 128;

  /** The program of a recording, if every call of it has a place in one. */
  static Optional<DecodeProgram> of(List<Arguments> calls, Gpu gpu) {
    return of(calls, 0, calls.size(), gpu);
  }

  /** Whether a program may do an operation in place of its kernel. */
  static boolean computes(KernelSpec spec) {
    return ProgramWriter.OPERATIONS.contains(spec);
  }

  /** The program of a recording from its first look-up to its last product, if every call between them has a place in one; the calls around it stay as they are. */
  static Optional<DecodeProgram> within(List<Arguments> calls, Gpu gpu) {
    int first = 0;
    while (first < calls.size() && calls.get(first).spec() != GatherRows.SPEC) {
      first++;
    }
    int end = calls.size();
    while (end > first && calls.get(end - 1).spec() != Gemm.SPEC) {
      end--;
    }
    return of(calls, first, end, gpu);
  }

  private static Optional<DecodeProgram> of(List<Arguments> calls, int first, int end, Gpu gpu) {
    if (gpu.capability() < 90 || first >= end) {
      return Optional.empty();
    }
    return new ProgramWriter(calls, first, end).write().flatMap(DecodeProgram::grouped).flatMap(instructions -> sized(first, end, instructions, gpu));
  }

  /** The program for groups of sequences, one after the other. */
  private static Optional<List<Instruction>> grouped(List<Instruction> instructions) {
    int rows = instructions.getFirst().rows();
    if (rows > MAX_SEQUENCES || instructions.stream().anyMatch(i -> i.rows() != rows)) {
      return Optional.empty();
    }
    List<Instruction> made = new ArrayList<>();
    for (int from = 0; from < rows; from += MAX_ROWS) {
      int start = from;
      instructions.forEach(i -> made.add(i.forRows(start, Math.min(MAX_ROWS, rows - start))));
    }
    return Optional.of(made);
  }

  private static Optional<DecodeProgram> sized(int first, int end, List<Instruction> instructions, Gpu gpu) {
    List<Instruction> products = instructions.stream().filter(i -> i.op() == Instruction.Op.PRODUCT).toList();
    OptionalInt exchange = Exchange.place(instructions);
    if (exchange.isEmpty() || products.isEmpty() || instructions.size() < 2 || products.stream().map(Instruction::type).distinct().count() != 1) {
      return Optional.empty();
    }
    DType type = products.getFirst().type();
    products.forEach(i -> i.share = Math.ceilDiv(i.n(), gpu.multiprocessors()));
    int share = products.stream().mapToInt(i -> i.share).max().orElse(0);
    int rows = products.getFirst().rows(); // the first group is the largest
    int operands = products.stream().mapToInt(i -> rows * operandBytes(i.k(), type)).max().orElse(0);
    int sums = instructions.stream().mapToInt(i -> Math.max(share * rows * (WARPS + 1), WARPS * (i.head + 4) + 3 * i.head)).max().orElse(0);
    int left = gpu.sharedBytes() - FIXED_BYTES - operands - 4 * sums;
    int stages = Math.min(MAX_STAGES, left / STAGE_BYTES);
    int splits = instructions.stream().mapToInt(Instruction::splits).max().orElse(0);
    boolean fits = stages >= 2;
    return fits
        ? Optional.of(new DecodeProgram(first, end, entry(type), instructions, rows, splits, exchange.getAsInt(), stages, operands, sums))
        : Optional.empty();
  }

  /** A row of floats, or two of halves, whose distance is an odd multiple of 64. */
  private static int operandBytes(int k, DType type) {
    return type == DType.F32 ? 4 * k : 2 * (Math.ceilDiv(2 * k, 128) * 128 + 64);
  }

  private static String entry(DType type) {
    return "decode_program_" + type.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Whether a product's weights can be streamed. */
  static boolean streams(Arguments product) {
    long rowBytes = (long) product.dim("k") * product.dtype("w").bytes();
    boolean plain = product.i32("taps") == 1 && product.i32("batch") == 1 && product.view("w").layout().equals(Layout.ROW_MAJOR);
    return plain && rowBytes % 16 == 0 && product.segment("w").address() % 16 == 0;
  }

  /** Adds the launch of a step to a recording, which keeps the instructions. */
  void record(CudaRecording to, DeviceKernels kernels, Staging staging, Gpu gpu) {
    long counter = to.kept().allocate(COUNTERS * Integer.BYTES).address();
    long exchange = to.kept().allocate(2 * 4L * exchangeFloats).address();
    MemorySegment code = to.arena().allocate((long) instructions.size() * Instruction.BYTES, 16);
    write(code);
    long program = to.kept().allocate(code.byteSize()).address();
    staging.upload(code, program);
    staging.fill(counter, 0, COUNTERS);
    staging.fill(exchange, Exchange.NOTHING, 2L * exchangeFloats);
    ArgumentBlock block = new ArgumentBlock(to.arena(), KINDS).rewind();
    block.address(program);
    block.integer(instructions.size());
    block.address(counter);
    block.address(exchange);
    block.integer(exchangeFloats);
    block.integer(stages);
    block.integer(operandBytes);
    to.add(kernels.function(SOURCE, entry), Launch.row(entry, gpu.multiprocessors(), THREADS).shared(sharedBytes()), block);
  }

  /** As the kernel reads it. */
  void write(MemorySegment code) {
    for (int i = 0; i < instructions.size(); i++) {
      instructions.get(i).write(code.asSlice((long) i * Instruction.BYTES, Instruction.BYTES));
    }
  }

  int sharedBytes() {
    return stages * STAGE_BYTES + FIXED_BYTES + operandBytes + 4 * sumFloats;
  }
}
