package dev.syrinx.backend.cuda;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Free pieces of regions. A piece is cut from the smallest that is large enough, and joins its free neighbours when it comes back: requests of ever other sizes then find room in
 * what the largest of them left.
 */
final class FreeSpace {
  /**
   * A piece of a region.
   *
   * @param region address of the region's first byte
   */
  record Piece(long region, long address, long bytes) {
    private long end() {
      return address + bytes;
    }
  }

  private final TreeMap<Long, Piece> byAddress = new TreeMap<>();
  private final TreeSet<Piece> bySize = new TreeSet<>(Comparator.comparingLong(Piece::bytes).thenComparingLong(Piece::address));

  /** Cuts a piece of exactly this size; empty if none of the free ones is large enough. */
  Optional<Piece> take(long bytes) {
    Piece from = bySize.ceiling(new Piece(0, 0, bytes));
    if (from == null) {
      return Optional.empty();
    }
    remove(from);
    if (from.bytes > bytes) {
      add(new Piece(from.region, from.address + bytes, from.bytes - bytes));
    }
    return Optional.of(new Piece(from.region, from.address, bytes));
  }

  /** Takes a piece back. */
  void give(Piece piece) {
    Piece joined = piece;
    var before = byAddress.lowerEntry(piece.address);
    if (before != null && before.getValue().region == piece.region && before.getValue().end() == piece.address) {
      remove(before.getValue());
      joined = new Piece(piece.region, before.getKey(), before.getValue().bytes + piece.bytes);
    }
    Piece after = byAddress.get(piece.end());
    if (after != null && after.region == piece.region) {
      remove(after);
      joined = new Piece(piece.region, joined.address, joined.bytes + after.bytes);
    }
    add(joined);
  }

  /** All free pieces, by address. */
  List<Piece> all() {
    return List.copyOf(byAddress.values());
  }

  /** Forgets a free piece: its region goes. */
  void remove(Piece piece) {
    byAddress.remove(piece.address);
    bySize.remove(piece);
  }

  private void add(Piece piece) {
    byAddress.put(piece.address, piece);
    bySize.add(piece);
  }
}
