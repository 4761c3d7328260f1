package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.sentencepiece.SentencePieceModel.Piece;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair encoding by scores: of all neighbours that form a piece, the pair with the best score is joined, the leftmost first among
 * equals; user-defined pieces are never joined with anything. O(n log n) in the length of the text.
 */
final class BpeEncoder implements Encoder {
  private final Map<String, Piece> spelled;
  private final PieceTrie userDefined;

  BpeEncoder(Map<String, Piece> spelled, PieceTrie userDefined) {
    this.spelled = spelled;
    this.userDefined = userDefined;
  }

  private record Pair(float score, int left, int right, String joined) {
    static final Comparator<Pair> BEST_FIRST = Comparator.comparingDouble((Pair pair) -> -pair.score()).thenComparingInt(Pair::left);
  }

  @Override
  public List<String> encode(String normalized) {
    return new Run(normalized).encode();
  }

  /** One text's symbols: a linked list in arrays, a joined symbol leaves its right half empty. */
  private final class Run {
    private final List<String> symbols = new ArrayList<>();
    private final List<Boolean> frozen = new ArrayList<>();
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Pair> agenda = new PriorityQueue<>(Pair.BEST_FIRST);
    private final Map<String, String[]> halves = new HashMap<>();

    Run(String text) {
      int i = 0;
      while (i < text.length()) {
        int kept = userDefined.isEmpty() ? 0 : userDefined.longestAt(text, i);
        int length = kept > 0 ? kept : Character.charCount(text.codePointAt(i));
        symbols.add(text.substring(i, i + length));
        frozen.add(kept > 0);
        i += length;
      }
      previous = new int[symbols.size()];
      next = new int[symbols.size()];
      for (int s = 0; s < symbols.size(); s++) {
        previous[s] = s - 1;
        next[s] = s + 1 < symbols.size() ? s + 1 : -1;
      }
    }

    List<String> encode() {
      for (int s = 1; s < symbols.size(); s++) {
        consider(s - 1, s);
      }
      for (Pair pair = agenda.poll(); pair != null; pair = agenda.poll()) {
        if (isCurrent(pair)) {
          join(pair);
        }
      }
      List<String> pieces = new ArrayList<>();
      for (int s = symbols.isEmpty() ? -1 : 0; s >= 0; s = next[s]) {
        addUsed(symbols.get(s), pieces);
      }
      return pieces;
    }

    private boolean isCurrent(Pair pair) {
      String left = symbols.get(pair.left());
      String right = symbols.get(pair.right());
      return !left.isEmpty() && !right.isEmpty() && left.length() + right.length() == pair.joined().length();
    }

    private void join(Pair pair) {
      symbols.set(pair.left(), pair.joined());
      symbols.set(pair.right(), "");
      next[pair.left()] = next[pair.right()];
      if (next[pair.right()] >= 0) {
        previous[next[pair.right()]] = pair.left();
      }
      consider(previous[pair.left()], pair.left());
      consider(pair.left(), next[pair.left()]);
    }

    private void consider(int left, int right) {
      if (left < 0 || right < 0 || frozen.get(left) || frozen.get(right)) {
        return;
      }
      String joined = symbols.get(left) + symbols.get(right);
      Piece piece = spelled.get(joined);
      if (piece == null) {
        return;
      }
      agenda.add(new Pair(piece.score(), left, right, joined));
      if (piece.type() == PieceType.UNUSED) {
        halves.put(joined, new String[] {symbols.get(left), symbols.get(right)});
      }
    }

    /** Unused pieces only help others to form; left over, they fall apart into what they were joined from. */
    private void addUsed(String symbol, List<String> pieces) {
      Piece piece = spelled.get(symbol);
      String[] parts = piece != null && piece.type() == PieceType.UNUSED ? halves.get(symbol) : null;
      if (parts == null) {
        pieces.add(symbol);
      } else {
        addUsed(parts[0], pieces);
        addUsed(parts[1], pieces);
      }
    }
  }
}
