package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A prompt whose keys and values lie in a pool.
 *
 * <p>Its first rows depend on the voice alone. They are computed on their own, always, so that their keys and values have the same bytes whatever follows them; a pool that keeps
 * prefixes is asked for them by a hash of these rows. Whole blocks of them are shared; what is left of them is copied into the first block of the text.
 *
 * @param positions prefix and start id
 * @param chain blocks in order
 * @param reused positions that were not computed
 */
record Prompt(int positions, int[] chain, int reused) {
  /**
   * Reads a prefix and the start id.
   *
   * @param last becomes what the head reads {@code [1, d]}
   */
  static Prompt read(Ops ops, Gpt gpt, KvPool pool, Prefix prefix, Tensor last) {
    int positions = prefix.visible().rows() + 1;
    int voice = prefix.conditioning();
    String key = pool.sharing() ? hash(ops.download(prefix.visible().rows(0, voice))) : "";
    Optional<KvPool.Shared> known = pool.sharing() ? pool.prefix(key) : Optional.empty();
    Prompt made = known.isPresent() ? sharing(pool, positions, voice, known.get()) : new Prompt(positions, pool.take(pool.blocksOf(positions)), 0);
    try {
      made.compute(ops, gpt, pool, prefix, key, known, last);
      return made;
    } catch (RuntimeException e) {
      pool.release(made.chain);
      throw e;
    }
  }

  private static Prompt sharing(KvPool pool, int positions, int voice, KvPool.Shared known) {
    int whole = voice / pool.blockSize();
    pool.retain(known.blocks()); // before blocks are taken, which may drop what is kept
    int[] own = pool.take(pool.blocksOf(positions) - whole);
    int[] chain = Arrays.copyOf(known.blocks(), whole + own.length);
    System.arraycopy(own, 0, chain, whole, own.length);
    return new Prompt(positions, chain, voice);
  }

  private void compute(Ops ops, Gpt gpt, KvPool pool, Prefix prefix, String key, Optional<KvPool.Shared> known, Tensor last) {
    int voice = prefix.conditioning();
    int whole = voice / pool.blockSize() * pool.blockSize();
    List<LayerCache.Places> stored = new ArrayList<>();
    stored.add(places(ops, pool, chain, known.isPresent() ? whole : 0, positions));
    Optional<KvPool.Shared> kept = pool.sharing() && known.isEmpty() ? Optional.of(keepable(pool, voice)) : Optional.empty();
    if (kept.isPresent() && voice > whole) {
      stored.add(places(ops, pool, kept.get().blocks(), whole, voice));
    }
    Optional<LayerCache.Places> fetched = known.map(k -> places(ops, pool, k.blocks(), 0, voice));
    Tensor x = ops.empty(positions - reused, gpt.width());
    ops.copyInto(prefix.visible().rows(reused, positions - 1), x.rows(0, x.rows() - 1));
    ops.copyInto(gpt.trainingCodes(ops, new int[0]), x.rows(x.rows() - 1, x.rows())); // the start id has position 0 in both schemes
    gpt.forward(ops, x, LayerCache.over(ops, pool, positions, fetched, stored.toArray(LayerCache.Places[]::new)), reused, voice - reused);
    gpt.finish(ops, x.rows(x.rows() - 1, x.rows()), last);
    kept.ifPresent(shared -> pool.keep(key, shared));
    known.ifPresent(k -> pool.release(Arrays.copyOfRange(k.blocks(), voice / pool.blockSize(), k.blocks().length)));
  }

  /** The voice's blocks for others: whole ones are this prompt's, too, the rest gets a block of its own. */
  private KvPool.Shared keepable(KvPool pool, int voice) {
    int whole = voice / pool.blockSize();
    int[] blocks = Arrays.copyOf(chain, pool.blocksOf(voice));
    pool.retain(Arrays.copyOf(blocks, whole));
    if (blocks.length > whole) {
      blocks[whole] = pool.take(1)[0];
    }
    return new KvPool.Shared(blocks, voice);
  }

  /** Where all positions lie. */
  LayerCache.Places places(Ops ops, KvPool pool) {
    return places(ops, pool, chain, 0, positions);
  }

  private static LayerCache.Places places(Ops ops, KvPool pool, int[] chain, int from, int to) {
    int[] rows = new int[to - from];
    for (int p = from; p < to; p++) {
      rows[p - from] = chain[p / pool.blockSize()] * pool.blockSize() + p % pool.blockSize();
    }
    return new LayerCache.Places(from, ops.uploadInts(rows, rows.length));
  }

  private static String hash(float[] rows) {
    ByteBuffer bytes = ByteBuffer.allocate(rows.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(rows);
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
