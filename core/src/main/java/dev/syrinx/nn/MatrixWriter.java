package dev.syrinx.nn;

import dev.syrinx.backend.Backend;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.View;
import dev.syrinx.kernels.gemm.Gemm;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Brings a matrix into a backend: read, converted to the storage type and laid out for the product a slab at a time, by several threads.
 * Beside the result that takes a slab a thread, and for a device one packed copy in host memory.
 */
final class MatrixWriter {
  /** Rows that a layout likes to have together. */
  private static final int GROUP = 64;

  /** Columns of a slab at most. */
  private static final int COLUMNS = Slab.ELEMENTS / GROUP;

  /** More threads than these would wait for memory. */
  private static final int MAX_THREADS = 8;

  private final MatrixSource source;
  private final Layout layout;
  private final Supplier<Slab> slabs;
  private final int rows;

  private MatrixWriter(MatrixSource source, Layout layout, Supplier<Slab> slabs) {
    this.source = source;
    this.layout = layout;
    this.slabs = slabs;
    int fitting = Slab.ELEMENTS / Math.clamp(source.k(), 1, COLUMNS);
    rows = Math.clamp((long) fitting / GROUP * GROUP, 1, Math.max(1, source.n()));
  }

  /**
   * @param slabs makes a slab for each thread
   * @return {@code [n, k]} in the backend's memory and its layout for products
   */
  static Tensor write(Backend backend, DType dtype, MatrixSource source, Supplier<Slab> slabs) {
    Layout layout = backend.layout(Gemm.SPEC, "w");
    int[] shape = {source.n(), source.k()};
    long bytes = layout.bytes(dtype, shape);
    MemorySegment memory = backend.allocate(bytes);
    Staging.fill(backend, memory, bytes, new MatrixWriter(source, layout, slabs)::pack);
    return Tensor.of(layout.equals(Layout.ROW_MAJOR) ? View.of(memory, dtype, shape) : View.packed(memory, dtype, layout, shape));
  }

  private void pack(MemorySegment target) {
    int count = Math.ceilDiv(source.n(), rows);
    int threads = Math.clamp(ForkJoinPool.commonPool().getParallelism() + 1L, 1, Math.clamp(count, 1, MAX_THREADS));
    AtomicInteger next = new AtomicInteger();
    IntStream.range(0, threads).parallel().forEach(_ -> {
      Slab slab = slabs.get();
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        packRows(slab, i * rows, Math.min((i + 1) * rows, source.n()), target);
      }
    });
  }

  /** Twice through what is quantised and too wide for a slab: the scale comes before the first value. */
  private void packRows(Slab slab, int from, int to, MemorySegment target) {
    int[] shape = {source.n(), source.k()};
    List<Block> blocks = blocks(from, to);
    if (slab.measures()) {
      blocks.forEach(block -> {
        source.read(block, slab.values(), 0);
        slab.measure(block);
      });
    }
    for (Block block : blocks) {
      if (!slab.measures() || blocks.size() > 1) {
        source.read(block, slab.values(), 0);
      }
      layout.packBlock(slab.stored(block), block.fromRow(), block.fromColumn(), shape, target);
    }
  }

  private List<Block> blocks(int from, int to) {
    List<Block> blocks = new ArrayList<>();
    for (int column = 0; column < source.k(); column += COLUMNS) {
      blocks.add(new Block(from, to, column, Math.min(column + COLUMNS, source.k())));
    }
    return blocks;
  }
}
