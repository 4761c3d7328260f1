package dev.syrinx.model.gpt;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Keys and values of all sequences, in blocks of the same number of positions that are counted by who refers to them. Grows by need; whoever recorded its memory looks at
 * {@link #version}.
 *
 * <p>All layers' planes lie behind each other, so that a block is copied by one call: plane 2i holds the keys of layer i, plane 2i + 1 its values, block b of a plane its rows
 * b·blockSize to (b + 1)·blockSize − 1.
 */
public final class KvPool implements AutoCloseable {
  /** Positions of a new pool: enough for most requests, because growing holds the old and the new memory for a moment. */
  private static final int FIRST = 2048;

  /** Most prefixes that are kept. */
  private static final int MOST_PREFIXES = 64;

  /** A prefix that several sequences may begin with. */
  record Shared(int[] blocks, int positions) {}

  private final Ops ops;
  private final int layers;
  private final int width;
  private final int blockSize;
  private final boolean sharing;
  private final DType type;
  private final Map<String, Shared> prefixes = new LinkedHashMap<>(16, 0.75f, true);
  private Optional<Backend.Reserved> memory = Optional.empty();
  private int[] references = {};
  private int version;
  private int used;
  private int most;
  private int expected = Integer.MAX_VALUE;

  /**
   * An empty pool; memory comes with the first block.
   *
   * @param type of keys and values: float32, or half precision
   * @param blockSize positions of a block
   * @param sharing whether prefixes are kept for later sequences
   */
  public KvPool(Ops ops, int layers, int width, DType type, int blockSize, boolean sharing) {
    if (blockSize < 1) {
      throw new IllegalArgumentException("block size must be at least 1, got " + blockSize);
    }
    this.ops = ops;
    this.layers = layers;
    this.width = width;
    this.type = type;
    this.blockSize = blockSize;
    this.sharing = sharing;
  }

  private long bytesPerPosition() {
    return 2L * type.bytes() * layers * width;
  }

  public int blockSize() {
    return blockSize;
  }

  /** Blocks there are, in use or not. */
  public int blocks() {
    return references.length;
  }

  /** Blocks that somebody refers to, kept prefixes included. */
  public int usedBlocks() {
    return used;
  }

  /** The most there were. */
  public int mostUsedBlocks() {
    return most;
  }

  /** Blocks that hold so many positions. */
  public int blocksOf(int positions) {
    return Math.ceilDiv(positions, blockSize);
  }

  int width() {
    return width;
  }

  /** Type of keys and values. */
  DType type() {
    return type;
  }

  /** Changes when the memory does. */
  public int version() {
    return version;
  }

  /** Bytes held. */
  public long bytes() {
    return blocks() * (long) blockSize * bytesPerPosition();
  }

  /** All planes {@code [2·layers·blocks·blockSize, width]}. */
  public Tensor planes() {
    return Tensor.of(View.of(memory.orElseThrow().memory(), type, 2 * layers * blocks() * blockSize, width));
  }

  Tensor keys(int layer) {
    return plane(2 * layer);
  }

  Tensor values(int layer) {
    return plane(2 * layer + 1);
  }

  private Tensor plane(int index) {
    int rows = blocks() * blockSize;
    return planes().rows(index * rows, (index + 1) * rows);
  }

  /** The planes by layer, as the decoder's step wants them. */
  public KvCache cache() {
    return new KvCache(IntStream.range(0, layers).mapToObj(this::keys).toList(), IntStream.range(0, layers).mapToObj(this::values).toList());
  }

  /** Blocks of one's own, each referred to once; the pool grows if there are too few. Contents are undefined. */
  public int[] take(int count) {
    while (freeBlocks() < count && !prefixes.isEmpty()) {
      forget(prefixes.keySet().iterator().next());
    }
    if (freeBlocks() < count) {
      grow(Math.max(blocks() + count, Math.min(expected, Math.max(2 * blocks(), blocksOf(FIRST)))));
    }
    int[] taken = new int[count];
    int block = 0;
    for (int i = 0; i < count; i++, block++) {
      while (references[block] > 0) {
        block++;
      }
      taken[i] = block;
      references[block] = 1;
    }
    used += count;
    most = Math.max(most, used);
    return taken;
  }

  /** The pool does not grow beyond so many blocks on its own account. */
  public void expect(int blocks) {
    expected = blocks;
  }

  /** Blocks that nobody refers to. */
  public int freeBlocks() {
    return blocks() - used;
  }

  /** One more refers to these blocks. */
  public void retain(int[] blocks) {
    for (int block : blocks) {
      references[block]++;
    }
  }

  /** One less refers to these blocks; those that nobody refers to are free. */
  public void release(int[] blocks) {
    for (int block : blocks) {
      if (references[block] < 1) {
        throw new IllegalStateException("block " + block + " was given back more often than taken");
      }
      references[block]--;
      used -= references[block] == 0 ? 1 : 0;
    }
  }

  private void grow(int count) {
    List<Tensor> before = IntStream.range(0, memory.isEmpty() ? 0 : 2 * layers).mapToObj(this::plane).toList();
    Optional<Backend.Reserved> old = memory;
    memory = Optional.of(ops.backend().reserve(count * (long) blockSize * bytesPerPosition()));
    references = Arrays.copyOf(references, count);
    version++;
    for (int i = 0; i < before.size(); i++) {
      ops.copyInto(before.get(i), plane(i).rows(0, before.get(i).rows()));
    }
    old.ifPresent(Backend.Reserved::close);
  }

  // ---- prefixes

  boolean sharing() {
    return sharing;
  }

  /** A prefix that was kept. */
  Optional<Shared> prefix(String key) {
    return Optional.ofNullable(prefixes.get(key));
  }

  /** Keeps a prefix, whose blocks are the pool's own from now on. */
  void keep(String key, Shared shared) {
    prefixes.put(key, shared);
    if (prefixes.size() > MOST_PREFIXES) {
      forget(prefixes.keySet().iterator().next());
    }
  }

  private void forget(String key) {
    release(prefixes.remove(key).blocks());
  }

  /** Forgets all prefixes. */
  public void forgetPrefixes() {
    new ArrayList<>(prefixes.keySet()).forEach(this::forget);
  }

  @Override
  public void close() {
    memory.ifPresent(Backend.Reserved::close);
    memory = Optional.empty();
  }
}
