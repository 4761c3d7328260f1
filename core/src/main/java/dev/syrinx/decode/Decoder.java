package dev.syrinx.decode;

import static dev.syrinx.kernels.sample.AdvanceBeams.OPEN;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.sample.ProcessScores;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.KvPool;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Decodes requests, several at a time: they join and leave between steps, and share a pool of cache blocks. What a request says does not depend on who else is there.
 *
 * <p>Long, because who is waiting, who is running, where each lies in the batch and which recording fits it change together, under one lock.
 *
 * <p>There is no thread of its own: whoever waits for a request decodes for all until it is done. All use of the backend is under {@link #lock}.
 */
public final class Decoder implements AutoCloseable {
  /** Positions by which recordings differ. */
  private static final int POSITIONS = 256;

  /** Recordings that are kept. */
  private static final int MOST_BATCHES = 6;

  private final Ops ops;
  private final Gpt gpt;
  private final DecodeOptions options;
  private final ReentrantLock lock;
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private final Map<Sequence, Pending> running = new LinkedHashMap<>();
  private final Map<BatchShape, DecodeBatch> batches = new LinkedHashMap<>(16, 0.75f, true);
  private Optional<KvPool> pool = Optional.empty();
  private Optional<DecodeBatch> current = Optional.empty();
  private List<Sequence> placed = List.of();
  private int recordings;

  /** @param lock held by whoever uses the backend */
  public Decoder(Ops ops, Gpt gpt, DecodeOptions options, ReentrantLock lock) {
    this.ops = ops;
    this.gpt = gpt;
    this.options = options;
    this.lock = lock;
  }

  public DecodeOptions options() {
    return options;
  }

  /** The pool, once something was decoded. */
  public Optional<KvPool> pool() {
    return pool;
  }

  /**
   * Puts a request in the queue; {@link #await} decodes.
   *
   * @throws DecodeException if the model has no positions for so many codes
   */
  public Pending submit(CodeRequest request) {
    Generator.check(gpt, request.sampling());
    if (options.states() && request.sampling().beams() > 1) {
      throw new DecodeException("states are kept for one beam, and " + request.sampling().beams() + " were asked for");
    }
    Pending pending = new Pending(request);
    synchronized (waiting) {
      waiting.addLast(pending);
    }
    return pending;
  }

  /**
   * Decodes until a request is done, and meanwhile for all others.
   *
   * @throws DecodeException if the scores are not numbers
   */
  public Generation await(Pending pending) {
    while (true) {
      lock.lock(); // fair: whoever waits for the device between two rounds gets it
      try {
        if (pending.done()) {
          return pending.result();
        }
        round();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The second pass over a request's codes, or what stands for it where states are kept: see {@link GptSession#latents}. Under the lock, in an open scope. */
  public Tensor latents(Pending pending, int[] codes) {
    GptSession session = pending.session().orElseThrow(() -> new IllegalStateException("the request was released"));
    return pending.states().map(states -> session.latents(codes, states.rows())).orElseGet(() -> session.latents(codes));
  }

  /** A request's prompt is not needed any more. */
  public void release(Pending pending) {
    lock.lock();
    try {
      synchronized (waiting) {
        waiting.remove(pending);
      }
      running.entrySet().removeIf(e -> {
        boolean mine = e.getValue() == pending;
        if (mine) {
          settle();
          e.getKey().release(pool.orElseThrow());
        }
        return mine;
      });
      pending.session().ifPresent(GptSession::close);
      pending.released();
    } finally {
      lock.unlock();
    }
  }

  // ---- rounds

  /** Admits who waits, and decodes until somebody leaves, joins or wants room. */
  private void round() {
    admit();
    if (running.isEmpty()) {
      return;
    }
    try {
      DecodeBatch batch = place();
      decode(batch);
    } catch (RuntimeException e) { // a device error, or no memory: nobody's state is known
      running.forEach((sequence, pending) -> pending.failed(e));
      abandon();
      return;
    }
    running.entrySet().removeIf(e -> leave(e.getKey(), e.getValue()));
  }

  private void abandon() {
    running.keySet().forEach(sequence -> sequence.release(pool.orElseThrow()));
    running.clear();
    current = Optional.empty();
    placed = List.of();
  }

  private boolean leave(Sequence sequence, Pending pending) {
    if (sequence.open()) {
      return false;
    }
    try {
      if (!pending.done()) {
        pending.finished(sequence.result(recordings));
      }
    } catch (RuntimeException e) {
      pending.failed(e);
    }
    sequence.release(pool.orElseThrow());
    return true;
  }

  private Optional<Pending> next() {
    synchronized (waiting) {
      return running.size() < options.sequences() ? Optional.ofNullable(waiting.pollFirst()) : Optional.empty();
    }
  }

  private boolean somebodyWaits() {
    synchronized (waiting) {
      return !waiting.isEmpty() && running.size() < options.sequences();
    }
  }

  private void admit() {
    for (Optional<Pending> one = next(); one.isPresent(); one = next()) {
      Pending pending = one.get();
      try {
        begin(pending);
      } catch (RuntimeException e) {
        pending.failed(e);
        running.values().removeIf(p -> p == pending);
        settle();
        pending.session().ifPresent(GptSession::close);
        pending.released();
      }
    }
  }

  /** Reads a prompt and draws the first codes. */
  private void begin(Pending pending) {
    settle();
    CodeRequest r = pending.request();
    long start = System.nanoTime();
    try (var _ = ops.scope()) {
      Tensor speaker = ops.upload(r.speaker(), r.speakerRows(), r.speaker().length / r.speakerRows());
      Tensor emotion = ops.upload(r.emotion(), 1, r.emotion().length);
      int longest = r.speakerRows() + r.ids().length + 16 + r.sampling().maxTokens();
      GptSession session = new GptSession(ops, gpt, expecting(pool(longest), r, longest), false, speaker, emotion, r.ids());
      pending.opened(session);
      if (options.states()) {
        pending.keeps(new KeptStates(ops, r.sampling().maxTokens(), gpt.width()));
      }
      Sequence sequence = new Sequence(r, session);
      sequence.provide(session.pool(), options.kv());
      DecodeBatch batch = batch(List.of(sequence));
      batch.clear();
      sequence.store(batch.control(), 0, batch.shape());
      batch.control().push();
      batch.first(session.logits());
      sequence.spent(System.nanoTime() - start);
      running.put(sequence, pending);
      current = Optional.of(batch);
      placed = List.of(sequence);
      fetch(batch, List.of(1));
    }
    running.entrySet().removeIf(e -> e.getValue() == pending && leave(e.getKey(), pending));
  }

  /** Tells a paged pool what a lone request may need at most: positions of each beam, and what a sequence takes ahead. */
  private KvPool expecting(KvPool made, CodeRequest request, int longest) {
    int each = made.blocksOf(longest) + made.blocksOf(192) + 2;
    boolean alone = running.isEmpty() && options.kv().layout() == KvOptions.Layout.PAGED;
    made.expect(alone ? each * request.sampling().beams() : Integer.MAX_VALUE);
    return made;
  }

  /** A contiguous pool has blocks as long as its longest sequence; it is made anew while nobody uses it. */
  private KvPool pool(int longest) {
    boolean tooShort = pool.isPresent() && options.kv().layout() == KvOptions.Layout.CONTIGUOUS && pool.get().blockSize() < longest;
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
    return pool.get();
  }

  // ---- batches

  /** What is on the device is void; every round ends with fetching it. */
  private void settle() {
    current = Optional.empty();
    placed = List.of();
  }

  /** All running sequences on the device, with room for the next steps. */
  private DecodeBatch place() {
    List<Sequence> sequences = List.copyOf(running.keySet());
    boolean same = current.isPresent() && current.get().valid() && placed.equals(sequences) && fits(current.get().shape(), sequences);
    for (Sequence sequence : sequences) {
      same &= !sequence.provide(pool.orElseThrow(), options.kv());
    }
    if (same && current.orElseThrow().valid()) {
      return current.get();
    }
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

  private boolean fits(BatchShape shape, List<Sequence> sequences) {
    int room = shape.columns() * pool.orElseThrow().blockSize() - options.ahead() - 1;
    return sequences.stream().allMatch(s -> s.length() < room || shape.columns() == columns(sequences));
  }

  private int columns(List<Sequence> sequences) {
    KvPool blocks = pool.orElseThrow();
    int longest = 0;
    for (Sequence s : sequences) {
      longest = Math.max(longest, Math.min(s.length() + 64, s.session().prompt() + s.most()));
    }
    return options.kv().layout() == KvOptions.Layout.CONTIGUOUS ? 1 : blocks.blocksOf(Math.ceilDiv(longest, POSITIONS) * POSITIONS);
  }

  private DecodeBatch batch(List<Sequence> sequences) {
    int width = sequences.stream().mapToInt(Sequence::beams).max().orElse(1);
    int columns = columns(sequences);
    int owned = sequences.stream().mapToInt(Sequence::ownedBlocks).max().orElse(0);
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

  /** Steps until something is to be done on the host; as many ahead of what is known as the options say. */
  private void decode(DecodeBatch batch) {
    long start = System.nanoTime();
    List<Sequence> sequences = placed;
    int[] before = sequences.stream().mapToInt(Sequence::step).toArray();
    int started = 0;
    int seen = 0;
    boolean enough = false;
    while (!enough || batch.looks() > 0) {
      while (!enough && batch.ready() && room(batch, sequences, before, started)) {
        batch.step();
        for (int s = 0; s < sequences.size() && options.states(); s++) {
          KeptStates states = running.get(sequences.get(s)).states().orElseThrow();
          states.keep(before[s] + started - 1, batch.state(s)); // the first code is drawn from the prompt
        }
        started++;
      }
      if (batch.looks() == 0) {
        break;
      }
      MemorySegment look = batch.look();
      seen++;
      for (int s = 0; s < sequences.size(); s++) {
        enough |= over(batch, look, sequences.get(s), s, before[s] + seen);
      }
      enough |= somebodyWaits();
    }
    int steps = started;
    long nanos = System.nanoTime() - start;
    sequences.forEach(s -> s.spent(nanos));
    fetch(batch, Arrays.stream(before).mapToObj(b -> b + steps).toList());
  }

  /** Whether one more step cannot do harm: everybody has a table for it, and somebody may be open. */
  private boolean room(DecodeBatch batch, List<Sequence> sequences, int[] before, int started) {
    boolean open = false;
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
      int drawn = before[s] + started;
      open |= drawn < sequence.most();
      if (drawn < sequence.most() && sequence.session().prompt() + drawn >= batch.shape().columns() * pool.orElseThrow().blockSize()) {
        return false;
      }
    }
    return open;
  }

  private boolean over(DecodeBatch batch, MemorySegment look, Sequence sequence, int s, int drawn) {
    if (batch.end(look, s) != OPEN) {
      return true;
    }
    if (!wanted(sequence, drawn)) {
      sequence.cancel();
      return true;
    }
    return sequence.spare(batch.spare(look, s), drawn) < sequence.margin(options.kv());
  }

  /** Whoever follows a request may run on another's thread: what it throws is its own request's failure. */
  private boolean wanted(Sequence sequence, int drawn) {
    try {
      return sequence.request().progress().drawn(drawn);
    } catch (RuntimeException e) {
      running.get(sequence).failed(e);
      return false;
    }
  }

  private void fetch(DecodeBatch batch, List<Integer> drawn) {
    batch.control().pull();
    for (int s = 0; s < placed.size(); s++) {
      placed.get(s).load(batch.control(), s, batch.shape(), drawn.get(s));
    }
  }

  /** Gives back recordings and cache. */
  @Override
  public void close() {
    lock.lock();
    try {
      abandon();
      forgetBatches();
      pool.ifPresent(KvPool::close);
      pool = Optional.empty();
    } finally {
      lock.unlock();
    }
  }
}
