package dev.syrinx.decode;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.sample.ProcessScores;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.KvPool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where sequences lie on the device: the pool of cache blocks, and the recordings that fit a batch of them. Used by one thread at a time. */
final class Placement implements AutoCloseable {
  /** Positions by which recordings differ. */
  private static final int POSITIONS = 256;

  /** Recordings that are kept. */
  private static final int MOST_BATCHES = 6;

  /** Positions that a beam of a sequence may hold beyond its own: see {@link Sequence#provide}. */
  private static final int AHEAD = 192;

  private final Ops ops;
  private final Gpt gpt;
  private final DecodeOptions options;
  private final Map<BatchShape, DecodeBatch> batches = new LinkedHashMap<>(16, 0.75f, true);
  private Optional<KvPool> pool = Optional.empty();
  private Optional<DecodeBatch> current = Optional.empty();
  private List<Sequence> placed = List.of();
  private int recordings;

  Placement(Ops ops, Gpt gpt, DecodeOptions options) {
    this.ops = ops;
    this.gpt = gpt;
    this.options = options;
  }

  /** The pool, once something was decoded. */
  Optional<KvPool> pool() {
    return pool;
  }

  /** Recordings made so far. */
  int recordings() {
    return recordings;
  }

  /** Who lies on the device, in order. */
  List<Sequence> placed() {
    return placed;
  }

  /**
   * The pool for one more request. A contiguous pool has blocks as long as its longest sequence; it is made anew while nobody uses it. A paged one is told what a lone request may
   * need at most.
   *
   * @param longest positions of a beam
   */
  KvPool poolFor(int longest, int beams, boolean alone) {
    boolean paged = options.kv().layout() == KvOptions.Layout.PAGED;
    boolean tooShort = pool.isPresent() && !paged && pool.get().blockSize() < longest;
    if (tooShort && pool.get().usedBlocks() > 0) {
      throw new DecodeException(
          "contiguous cache: " + longest + " positions are more than the " + pool.get().blockSize() + " of the sequences that are there; use the paged layout, or wait for them");
    }
    if (tooShort) {
      forgetBatches();
      pool.get().close();
      pool = Optional.empty();
    }
    if (pool.isEmpty()) {
      pool = Optional.of(Generator.pool(ops, gpt, options.kv(), longest, true));
    }
    KvPool made = pool.get();
    int each = made.blocksOf(longest) + made.blocksOf(AHEAD) + 2;
    made.expect(alone && paged ? each * beams : Integer.MAX_VALUE);
    return made;
  }

  /** What is on the device is void; every round ends with fetching it. */
  void settle() {
    current = Optional.empty();
    placed = List.of();
  }

  /** These sequences on the device, with room for the next steps. */
  DecodeBatch place(List<Sequence> sequences) {
    boolean same = current.isPresent() && current.get().valid() && placed.equals(sequences) && fits(current.get().shape(), sequences);
    for (Sequence sequence : sequences) {
      same &= !sequence.provide(pool.orElseThrow(), options.kv(), alone());
    }
    return same && current.orElseThrow().valid() ? current.get() : store(sequences);
  }

  /** These sequences on the device as they are. */
  DecodeBatch store(List<Sequence> sequences) {
    DecodeBatch batch = batch(sequences);
    batch.clear();
    for (int s = 0; s < sequences.size(); s++) {
      sequences.get(s).store(batch.control(), s, batch.shape());
    }
    batch.control().push();
    current = Optional.of(batch);
    placed = sequences;
    return batch;
  }

  /** What the device knows of them. */
  void fetch(DecodeBatch batch, List<Integer> drawn) {
    batch.control().pull();
    for (int s = 0; s < placed.size(); s++) {
      placed.get(s).load(batch.control(), s, batch.shape(), drawn.get(s));
    }
  }

  /** Whether there is a table for a sequence's position. */
  boolean reaches(DecodeBatch batch, int position) {
    return position < batch.shape().columns() * pool.orElseThrow().blockSize();
  }

  private boolean fits(BatchShape shape, List<Sequence> sequences) {
    int room = shape.columns() * pool.orElseThrow().blockSize() - options.ahead() - 1;
    return sequences.stream().allMatch(s -> s.length() < room || shape.columns() == columns(sequences));
  }

  /** One request after the other: a step is recorded once for all its positions, since it takes no longer with a table that it does not use up. */
  private boolean alone() {
    return options.sequences() == 1;
  }

  private int columns(List<Sequence> sequences) {
    KvPool blocks = pool.orElseThrow();
    int longest = 0;
    for (Sequence s : sequences) {
      int all = s.session().prompt() + s.most();
      longest = Math.max(longest, alone() ? all : Math.min(s.length() + 64, all));
    }
    return options.kv().layout() == KvOptions.Layout.CONTIGUOUS ? 1 : blocks.blocksOf(Math.ceilDiv(longest, POSITIONS) * POSITIONS);
  }

  private DecodeBatch batch(List<Sequence> sequences) {
    int width = sequences.stream().mapToInt(Sequence::beams).max().orElse(1);
    int columns = columns(sequences);
    int owned = sequences.stream().mapToInt(s -> alone() ? Math.max(s.ownedBlocks(), s.mostBlocks(options.kv())) : s.ownedBlocks()).max().orElse(0);
    int allotment = Math.ceilDiv(Math.max(owned, 1), 32) * 32;
    int capacity = Math.ceilDiv(ProcessScores.PROMPT + 1 + sequences.stream().mapToInt(Sequence::most).max().orElse(0), 512) * 512;
    BatchShape shape = new BatchShape(BatchShape.bucket(sequences.size()), width, columns, allotment, capacity);
    DecodeBatch known = batches.get(shape);
    if (known != null && known.valid()) {
      return known;
    }
    if (known != null) {
      batches.remove(shape).close();
    }
    if (batches.size() >= MOST_BATCHES) {
      batches.remove(batches.keySet().iterator().next()).close();
    }
    recordings++;
    DecodeBatch made = new DecodeBatch(ops, gpt, pool.orElseThrow(), shape, options.sequences() > 1, options.ahead());
    batches.put(shape, made);
    return made;
  }

  private void forgetBatches() {
    batches.values().forEach(DecodeBatch::close);
    batches.clear();
    settle();
  }

  /** Gives back recordings and cache. */
  @Override
  public void close() {
    forgetBatches();
    pool.ifPresent(KvPool::close);
    pool = Optional.empty();
  }
}
