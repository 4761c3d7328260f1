package dev.syrinx.decode;

import static dev.syrinx.kernels.sample.AdvanceBeams.OPEN;

import dev.syrinx.backend.Ops;
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
 * <p>There is no thread of its own: whoever waits for a request decodes for all until it is done. All use of the backend is under {@link #lock}.
 */
public final class Decoder implements AutoCloseable {
  private final Ops ops;
  private final Gpt gpt;
  private final DecodeOptions options;
  private final ReentrantLock lock;
  private final Deque<Pending> waiting = new ArrayDeque<>();
  private final Map<Sequence, Pending> running = new LinkedHashMap<>();
  private final Placement placement;

  /** @param lock held by whoever uses the backend */
  public Decoder(Ops ops, Gpt gpt, DecodeOptions options, ReentrantLock lock) {
    this.ops = ops;
    this.gpt = gpt;
    this.options = options;
    this.lock = lock;
    placement = new Placement(ops, gpt, options);
  }

  public DecodeOptions options() {
    return options;
  }

  /** The pool, once something was decoded. */
  public Optional<KvPool> pool() {
    return placement.pool();
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
          placement.settle();
          e.getKey().release(blocks());
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
      DecodeBatch batch = placement.place(List.copyOf(running.keySet()));
      decode(batch);
    } catch (RuntimeException e) { // a device error, or no memory: nobody's state is known
      running.forEach((sequence, pending) -> pending.failed(e));
      abandon();
      return;
    }
    running.entrySet().removeIf(e -> leave(e.getKey(), e.getValue()));
  }

  private void abandon() {
    running.keySet().forEach(sequence -> sequence.release(blocks()));
    running.clear();
    placement.settle();
  }

  private KvPool blocks() {
    return placement.pool().orElseThrow();
  }

  private boolean leave(Sequence sequence, Pending pending) {
    if (sequence.open()) {
      return false;
    }
    try {
      if (!pending.done()) {
        pending.finished(sequence.result(placement.recordings()));
      }
    } catch (RuntimeException e) {
      pending.failed(e);
    }
    sequence.release(blocks());
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
        placement.settle();
        pending.session().ifPresent(GptSession::close);
        pending.released();
      }
    }
  }

  /** Reads a prompt and draws the first codes. */
  private void begin(Pending pending) {
    placement.settle();
    CodeRequest r = pending.request();
    long start = System.nanoTime();
    try (var _ = ops.scope()) {
      Tensor speaker = ops.upload(r.speaker(), r.speakerRows(), r.speaker().length / r.speakerRows());
      Tensor emotion = ops.upload(r.emotion(), 1, r.emotion().length);
      int longest = r.speakerRows() + r.ids().length + 16 + r.sampling().maxTokens();
      GptSession session = new GptSession(ops, gpt, placement.poolFor(longest, r.sampling().beams(), running.isEmpty()), false, speaker, emotion, r.ids());
      pending.opened(session);
      if (options.states()) {
        pending.keeps(new KeptStates(ops, r.sampling().maxTokens(), gpt.width()));
      }
      Sequence sequence = new Sequence(r, session);
      sequence.provide(session.pool(), options.kv(), options.sequences() == 1);
      DecodeBatch batch = placement.store(List.of(sequence));
      batch.first(session.logits());
      sequence.spent(System.nanoTime() - start);
      running.put(sequence, pending);
      placement.fetch(batch, List.of(1));
    }
    running.entrySet().removeIf(e -> e.getValue() == pending && leave(e.getKey(), pending));
  }

  // ---- steps

  /** Steps until something is to be done on the host; as many ahead of what is known as the options say. */
  private void decode(DecodeBatch batch) {
    long start = System.nanoTime();
    List<Sequence> sequences = placement.placed();
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
    placement.fetch(batch, Arrays.stream(before).mapToObj(b -> b + steps).toList());
  }

  /** Whether one more step cannot do harm: everybody has a table for it, and somebody may be open. */
  private boolean room(DecodeBatch batch, List<Sequence> sequences, int[] before, int started) {
    boolean open = false;
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
      int drawn = before[s] + started;
      open |= drawn < sequence.most();
      if (drawn < sequence.most() && !placement.reaches(batch, sequence.session().prompt() + drawn)) {
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

  /** Gives back recordings and cache. */
  @Override
  public void close() {
    lock.lock();
    try {
      abandon();
      placement.close();
    } finally {
      lock.unlock();
    }
  }
}
