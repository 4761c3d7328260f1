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
import java.util.List;
import java.util.Optional;

/**
 * A recorded decode step as a program for one resident kernel: see {@code kernels/src/main/cuda/fused/decode_program.cu}.
 *
 * <p>Exact in what it computes, it leaves out what only the next call reads: normalised inputs and attention outputs go straight into the products behind them, new keys
 * and values straight from the product into the caches. Recordings that hold anything else are declined and run call by call.
 *
 * @param first call of the recording that it begins with
 * @param end first call that is not its own any more
 * @param entry name of the kernel
 * @param instructions in order; their scratch addresses are filled in by {@link Instruction#write}
 * @param rows sequences of a step
 * @param splits pieces into which attention cuts the longest sequence
 * @param partialFloats size of attention's scratch memory
 * @param stages of the ring
 * @param inputFloats parts of shared memory: the inputs of a product
 * @param sumFloats its sums
 * @param weightFloats the weights of an attention's pieces
 */
record DecodeProgram(
    int first, int end, String entry, List<Instruction> instructions, int rows, int splits, long partialFloats, int stages, int inputFloats, int sumFloats, int weightFloats) {
  static final String SOURCE = "fused/decode_program";
  static final String RESET = "decode_program_reset";

  private static final int WARPS = 8;

  /** Threads of a block: eight warps that compute, one that fetches. */
  static final int THREADS = 288;

  /** Parameters of the kernel: program, count, counter, stages, and two sizes in floats. */
  private static final List<ArgumentBlock.Kind> KINDS =
      List.of(
          ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.INT);

  static final int STAGE_BYTES = 20_480;

  /** Inputs that a warp keeps in registers; eight warps share a row. */
  static final int SLICE = 640;

  static final int MAX_K = 8 * SLICE;

  /** Positions that a block attends to. */
  static final int SPLIT = 128;

  private static final int MAX_STAGES = 16;
  /** Most rows of a step: their inputs stand in registers. */
  private static final int MAX_ROWS = 3;

  /** Inputs of a norm that the threads of a block hold. */
  static final int MAX_NORM = 8 * 256;

  /** The ring's barriers, two instructions, and what the warps tell each other. */
  private static final int FIXED_BYTES = 2 * MAX_STAGES * 8 + 2 * Instruction.BYTES + 3 * 8 * 3 * 4;

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
    return new ProgramWriter(calls, first, end).write().flatMap(instructions -> sized(first, end, instructions, gpu));
  }

  private static Optional<DecodeProgram> sized(int first, int end, List<Instruction> instructions, Gpu gpu) {
    List<Instruction> products = instructions.stream().filter(i -> i.op() == Instruction.Op.PRODUCT).toList();
    if (products.isEmpty() || products.stream().map(Instruction::type).distinct().count() != 1) {
      return Optional.empty();
    }
    DType type = products.getFirst().type();
    int inputs = instructions.stream().mapToInt(i -> Math.max(i.rows() * i.k(), WARPS * (i.headSize() + 4))).max().orElse(0);
    int sums = products.stream().mapToInt(i -> Math.ceilDiv(i.n(), gpu.multiprocessors()) * slices(i.k()) * i.rows()).max().orElse(0);
    int weights = instructions.stream().mapToInt(i -> i.rows() * i.heads() * i.splits()).max().orElse(0);
    long partial = instructions.stream().mapToLong(Instruction::partialFloats).max().orElse(0);
    int left = gpu.sharedBytes() - FIXED_BYTES - 4 * (inputs + sums + weights);
    int stages = Math.min(MAX_STAGES, left / STAGE_BYTES);
    int rows = products.getFirst().rows();
    int splits = instructions.stream().mapToInt(Instruction::splits).max().orElse(0);
    boolean fits = stages >= 2 && products.stream().allMatch(p -> p.rows() == rows) && rows <= MAX_ROWS;
    return fits
        ? Optional.of(new DecodeProgram(first, end, entry(type), instructions, rows, splits, partial, stages, inputs, sums, weights))
        : Optional.empty();
  }

  private static String entry(DType type) {
    return "decode_program_" + type.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Warps that share a row of k inputs: a power of two. */
  static int slices(int k) {
    int slices = 1;
    while (slices * SLICE < k) {
      slices *= 2;
    }
    return slices;
  }

  /** Whether a product's weights can be streamed. */
  static boolean streams(Arguments product) {
    int k = product.dim("k");
    long rowBytes = (long) k * product.dtype("w").bytes();
    boolean plain = product.i32("taps") == 1 && product.i32("batch") == 1 && product.view("w").layout().equals(Layout.ROW_MAJOR);
    return plain && k <= MAX_K && rowBytes % 16 == 0 && rowBytes <= STAGE_BYTES && product.segment("w").address() % 16 == 0;
  }

  /** Adds the two launches of a step to a recording, which keeps the instructions. */
  void record(CudaRecording to, DeviceKernels kernels, Staging staging, Gpu gpu) {
    long counter = to.kept().allocate(Integer.BYTES).address();
    long partial = to.kept().allocate(4 * partialFloats).address();
    MemorySegment code = to.arena().allocate((long) instructions.size() * Instruction.BYTES, 16);
    for (int i = 0; i < instructions.size(); i++) {
      instructions.get(i).write(code.asSlice((long) i * Instruction.BYTES, Instruction.BYTES), partial);
    }
    long program = to.kept().allocate(code.byteSize()).address();
    staging.upload(code, program);
    ArgumentBlock reset = new ArgumentBlock(to.arena(), List.of(ArgumentBlock.Kind.ADDRESS)).rewind();
    reset.address(counter);
    to.add(kernels.function(SOURCE, RESET), Launch.row(RESET, 1, 1), reset);
    ArgumentBlock block = new ArgumentBlock(to.arena(), KINDS).rewind();
    block.address(program);
    block.integer(instructions.size());
    block.address(counter);
    block.integer(stages);
    block.integer(inputFloats);
    block.integer(sumFloats);
    to.add(kernels.function(SOURCE, entry), Launch.row(entry, gpu.multiprocessors(), THREADS).shared(sharedBytes()), block);
  }

  int sharedBytes() {
    return stages * STAGE_BYTES + FIXED_BYTES + 4 * (inputFloats + sumFloats + weightFloats);
  }
}
