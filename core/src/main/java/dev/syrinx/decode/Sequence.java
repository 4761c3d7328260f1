package dev.syrinx.decode;

import static dev.syrinx.kernels.sample.AdvanceBeams.BROKEN;
import static dev.syrinx.kernels.sample.AdvanceBeams.FULL;
import static dev.syrinx.kernels.sample.AdvanceBeams.NO_ROOM;
import static dev.syrinx.kernels.sample.AdvanceBeams.OPEN;
import static dev.syrinx.kernels.sample.AdvanceBeams.RANKS;
import static dev.syrinx.kernels.sample.AdvanceBeams.STOPPED;

import dev.syrinx.kernels.sample.ProcessScores;
import dev.syrinx.model.gpt.GptSession;
import dev.syrinx.model.gpt.KvPool;
import java.util.Arrays;
import java.util.stream.IntStream;

/** One generation under way: what the device knows of it while it decodes, kept here while it does not. */
final class Sequence {
  private final CodeRequest request;
  private final GptSession session;
  private final int beams;
  private final int stop;
  private int[] owned = {};
  private int step;
  private int end = OPEN;
  private int spare;
  private int kept;
  private int length;
  private final float[] sums;
  private final float[] finishedSums;
  private final int[] finishedAt;
  private final int[] ids;
  private final int[] slots;
  private final int[] pairs;
  private final int[] fills;
  private final int[][] history;
  private final int[][] finished;
  private final int[][] table;
  private boolean wanted = true;
  private long nanos;

  Sequence(CodeRequest request, GptSession session) {
    this.request = request;
    this.session = session;
    beams = request.sampling().beams();
    stop = session.gpt().config().stopCode();
    length = session.prompt();
    sums = new float[beams];
    Arrays.fill(sums, 1, beams, -1e9f); // all beams start alike: only the first may be continued
    finishedSums = new float[beams];
    finishedAt = new int[beams];
    ids = new int[beams];
    slots = new int[beams];
    pairs = new int[2 * beams];
    fills = new int[beams];
    int said = ProcessScores.PROMPT + request.sampling().maxTokens() + 1;
    history = new int[beams][said];
    finished = new int[beams][said];
    int[] chain = session.chain();
    table = new int[beams][];
    for (int b = 0; b < beams; b++) {
      history[b][0] = Sampler.FILLER;
      history[b][1] = session.gpt().config().startCode();
      table[b] = chain.clone();
    }
  }

  CodeRequest request() {
    return request;
  }

  GptSession session() {
    return session;
  }

  int beams() {
    return beams;
  }

  /** Codes drawn. */
  int step() {
    return step;
  }

  /** Positions that the next step attends to, its own included, once one was drawn. */
  int length() {
    return length;
  }

  /** Most codes. */
  int most() {
    return request.sampling().maxTokens();
  }

  boolean open() {
    return end == OPEN && wanted;
  }

  /** Nobody wants more of it. */
  void cancel() {
    wanted = false;
  }

  void spent(long more) {
    nanos += more;
  }

  /** Blocks that the beams may want before the host looks again: at a border one each, and one each of those that share their last one. */
  int margin(KvOptions kv) {
    if (kv.layout() == KvOptions.Layout.CONTIGUOUS) {
      return 0; // as many as there are beams are enough for all steps
    }
    return beams > 1 ? 2 * beams : 1;
  }

  /** Blocks of their own that the beams can come to hold at most, and those that are left when the host looks for more. */
  int mostBlocks(KvOptions kv) {
    KvPool pool = session.pool();
    if (kv.layout() == KvOptions.Layout.CONTIGUOUS) {
      return beams > 1 ? beams : 0;
    }
    return beams * (pool.blocksOf(session.prompt() + most() + 1) - session.prompt() / pool.blockSize()) + margin(kv);
  }

  /**
   * Takes blocks for the next steps; whether it took any.
   *
   * @param alone nobody else needs what is free: the device waits whenever the host has to look for more
   */
  boolean provide(KvPool pool, KvOptions kv, boolean alone) {
    boolean contiguous = kv.layout() == KvOptions.Layout.CONTIGUOUS;
    int missing = contiguous ? (beams > 1 ? beams : 0) - owned.length : margin(kv) - spare;
    if (missing <= 0) {
      return false;
    }
    int few = contiguous ? missing : missing + beams * (64 / pool.blockSize());
    int[] more = pool.take(alone ? Math.max(few, Math.min(mostBlocks(kv) - owned.length, pool.freeBlocks())) : few);
    owned = Arrays.copyOf(owned, owned.length + more.length);
    System.arraycopy(more, 0, owned, owned.length - more.length, more.length);
    spare += more.length;
    return true;
  }

  int ownedBlocks() {
    return owned.length;
  }

  /** Gives back what the beams had; the prompt stays with the session. */
  void release(KvPool pool) {
    pool.release(owned);
    owned = new int[0];
  }

  // ---- to the device and back

  void store(ControlBlock to, int s, BatchShape shape) {
    int first = s * shape.width();
    int[] words = request.noise().words();
    SamplingOptions o = request.sampling();
    to.set(DecodeBatch.BEAMS, s, beams);
    to.set(DecodeBatch.MOST, s, most());
    to.set(DecodeBatch.PENALTY, s, (float) o.lengthPenalty());
    to.set(DecodeBatch.GREEDY, s, o.greedy() ? 1 : 0);
    to.copy(DecodeBatch.SEEDS, s * words.length, words, 0, words.length);
    float[] settings = settings(o);
    for (int i = 0; i < settings.length; i++) {
      to.set(DecodeBatch.SETTINGS, s * settings.length + i, settings[i]);
    }
    to.copy(DecodeBatch.OWNED, s * shape.allotment(), owned, 0, owned.length);
    to.set(DecodeBatch.HELD, s, owned.length);
    to.set(DecodeBatch.STEPS, s, step);
    to.set(DecodeBatch.ENDS, s, end);
    to.set(DecodeBatch.SPARE, s, spare);
    to.set(DecodeBatch.KEPT, s, kept);
    for (int b = 0; b < beams; b++) {
      int row = first + b;
      to.set(DecodeBatch.SUMS, row, sums[b]);
      to.set(DecodeBatch.FINISHED_SUMS, row, finishedSums[b]);
      to.set(DecodeBatch.FINISHED_AT, row, finishedAt[b]);
      to.set(DecodeBatch.LENGTHS, row, length);
      to.set(DecodeBatch.IDS, row, ids[b]);
      to.set(DecodeBatch.POSITIONS, row, step + 1);
      to.set(DecodeBatch.SLOTS, row, slots[b]);
      to.set(DecodeBatch.FILLS, row, fills[b]);
      to.copy(DecodeBatch.PAIRS, 2 * row, new int[] {pairs[2 * b], pairs[2 * b + 1]}, 0, 2);
      to.copy(DecodeBatch.TABLE, row * shape.columns(), table[b], 0, Math.min(table[b].length, shape.columns()));
      to.copy(DecodeBatch.HISTORY, row * shape.capacity(), history[b], 0, Math.min(history[b].length, shape.capacity()));
      to.copy(DecodeBatch.FINISHED, row * shape.capacity(), finished[b], 0, Math.min(finished[b].length, shape.capacity()));
    }
  }

  private static float[] settings(SamplingOptions o) {
    float[] settings = new float[ProcessScores.SETTINGS];
    settings[ProcessScores.PENALTY] = (float) o.repetitionPenalty();
    settings[ProcessScores.MASS] = (float) o.typicalMass().orElse(0);
    settings[ProcessScores.KEEP] = o.keep();
    settings[ProcessScores.TEMPERATURE] = o.greedy() ? 1 : (float) o.temperature();
    settings[ProcessScores.TOP_K] = o.greedy() ? 0 : o.topK();
    settings[ProcessScores.DROP] = o.greedy() || o.topP() >= 1 ? -1 : (float) (1 - o.topP());
    return settings;
  }

  /** Blocks that are left after so many codes, as a look found it; where nothing is computed, as many as there are if beams share nothing of what was said. */
  int spare(int found, int drawn) {
    if (!session.ops().backend().rehearsal()) {
      return found;
    }
    KvPool pool = session.pool();
    int each = pool.blocksOf(session.prompt() + drawn + 1) - session.prompt() / pool.blockSize();
    return Math.max(0, owned.length - beams * each);
  }

  /** Nothing was computed: it goes on to its last code. */
  private void rehearsed(int drawn) {
    step = Math.min(drawn, most());
    end = step == most() ? FULL : OPEN;
    length = session.prompt() + step;
    spare = spare(0, step);
    for (int b = 0; b < beams; b++) {
      table[b] = Arrays.copyOf(table[b], Math.max(table[b].length, session.pool().blocksOf(length)));
    }
  }

  /** @param drawn codes that were drawn if it is still open: what the host knows without looking */
  void load(ControlBlock from, int s, BatchShape shape, int drawn) {
    if (session.ops().backend().rehearsal()) {
      rehearsed(drawn);
      return;
    }
    int first = s * shape.width();
    end = from.get(DecodeBatch.ENDS, s);
    step = end == OPEN ? drawn : from.get(DecodeBatch.STEPS, s);
    end = end == OPEN && step >= most() ? FULL : end;
    spare = from.get(DecodeBatch.SPARE, s);
    kept = from.get(DecodeBatch.KEPT, s);
    length = end == OPEN ? session.prompt() + step : from.get(DecodeBatch.LENGTHS, first);
    for (int b = 0; b < beams; b++) {
      int row = first + b;
      sums[b] = from.real(DecodeBatch.SUMS, row);
      finishedSums[b] = from.real(DecodeBatch.FINISHED_SUMS, row);
      finishedAt[b] = from.get(DecodeBatch.FINISHED_AT, row);
      ids[b] = from.get(DecodeBatch.IDS, row);
      slots[b] = from.get(DecodeBatch.SLOTS, row);
      fills[b] = from.get(DecodeBatch.FILLS, row);
      pairs[2 * b] = from.get(DecodeBatch.PAIRS, 2 * row);
      pairs[2 * b + 1] = from.get(DecodeBatch.PAIRS, 2 * row + 1);
      table[b] = from.ints(DecodeBatch.TABLE, row * shape.columns(), shape.columns(), new int[shape.columns()]);
      from.ints(DecodeBatch.HISTORY, row * shape.capacity(), Math.min(history[b].length, shape.capacity()), history[b]);
      from.ints(DecodeBatch.FINISHED, row * shape.capacity(), Math.min(finished[b].length, shape.capacity()), finished[b]);
    }
  }

  // ---- the end

  /**
   * What was said.
   *
   * @throws DecodeException if the scores were not numbers
   */
  Generation result(int recordings) {
    if (end == BROKEN) {
      throw new DecodeException("step " + step + ": the scores are not numbers; are the weights damaged, or stored too narrowly?");
    }
    if (end == NO_ROOM) {
      throw new IllegalStateException("step " + step + ": a sequence of " + length + " positions ran out of cache blocks, of which it had " + owned.length);
    }
    Hypothesis best = beams > 1 ? search() : new Hypothesis(said(history[0], end == STOPPED ? step - 1 : step), 0, end == STOPPED);
    StopReason reason = !wanted && end == OPEN ? StopReason.CANCELLED : best.stopped() ? StopReason.STOP_TOKEN : StopReason.MAX_TOKENS;
    int used = (int) Arrays.stream(table).flatMapToInt(row -> Arrays.stream(row, 0, session.pool().blocksOf(length))).distinct().count();
    return new Generation(
        best.codes(), reason, best.score(), new Generation.Statistics(session.prompt(), step, nanos, 0, used * session.pool().blockSize(), recordings));
  }

  private Hypothesis search() {
    Hypotheses hypotheses = new Hypotheses(beams, (float) request.sampling().lengthPenalty());
    int[] order = IntStream.range(0, Math.min(kept, beams)).boxed().sorted((a, b) -> Integer.compare(finishedAt[a], finishedAt[b])).mapToInt(i -> i).toArray();
    for (int place : order) {
      int before = finishedAt[place] / RANKS;
      hypotheses.add(Arrays.copyOf(finished[place], before), finishedSums[place], before + 1, true);
    }
    if (end != STOPPED) { // open beams join the finished ones unless those are settled
      for (int b = 0; b < beams; b++) {
        hypotheses.add(said(history[b], step), sums[b], step, false);
      }
    }
    return hypotheses.best();
  }

  private static int[] said(int[] history, int count) {
    return Arrays.copyOfRange(history, ProcessScores.PROMPT, ProcessScores.PROMPT + Math.max(0, count));
  }

  @Override
  public String toString() {
    return "sequence of " + step + " codes, " + beams + " beams, stop id " + stop;
  }
}
