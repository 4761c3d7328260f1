package dev.syrinx.model.gpt;

import dev.syrinx.backend.Ops;
import dev.syrinx.kernels.DType;
import dev.syrinx.tensor.Tensor;
import java.util.Optional;

/**
 * Keys and values of one layer at a time, positions in order, for a pass over many positions at once: fetched from a pool before the layer, written to it after. In the pool's type,
 * so that the pass sees what later ones will find.
 */
final class LayerCache {
  /**
   * Positions of a pass and the pool's rows where they lie.
   *
   * @param from first position
   * @param rows {@code [n]} int32: row of each position from there on
   */
  record Places(int from, Tensor rows) {
    int end() {
      return from + rows.rows();
    }
  }

  private final Ops ops;
  private final Optional<KvPool> pool;
  private final Optional<Places> fetched;
  private final Places[] stored;
  private final Tensor keys;
  private final Tensor values;

  private LayerCache(Ops ops, Optional<KvPool> pool, Optional<Places> fetched, int positions, int width, DType type, Places... stored) {
    this.ops = ops;
    this.pool = pool;
    this.fetched = fetched;
    this.stored = stored;
    keys = ops.empty(type, positions, width);
    values = ops.empty(type, positions, width);
  }

  /** For a pass that keeps nothing. */
  static LayerCache scratch(Ops ops, int positions, int width, DType type) {
    return new LayerCache(ops, Optional.empty(), Optional.empty(), positions, width, type);
  }

  /**
   * Over a pool.
   *
   * @param positions of the whole pass, earlier ones included
   * @param fetched earlier positions
   * @param stored positions to keep; the same ones may go to several places
   */
  static LayerCache over(Ops ops, KvPool pool, int positions, Optional<Places> fetched, Places... stored) {
    return new LayerCache(ops, Optional.of(pool), fetched, positions, pool.width(), pool.type(), stored);
  }

  /** Keys {@code [positions, width]} of a layer, valid until the next one's. */
  Tensor keys(int layer) {
    return fetch(keys, pool.map(p -> p.keys(layer)));
  }

  /** Values. */
  Tensor values(int layer) {
    return fetch(values, pool.map(p -> p.values(layer)));
  }

  private Tensor fetch(Tensor into, Optional<Tensor> plane) {
    fetched.ifPresent(places -> ops.gatherInto(plane.orElseThrow().words(), places.rows(), Optional.empty(), into.rows(places.from(), places.end()).words()));
    return into;
  }

  /** The layer is done. */
  void written(int layer) {
    for (Places places : stored) {
      ops.scatter(keys.rows(places.from(), places.end()).words(), places.rows(), pool.orElseThrow().keys(layer).words());
      ops.scatter(values.rows(places.from(), places.end()).words(), places.rows(), pool.orElseThrow().values(layer).words());
    }
  }
}
