package dev.syrinx.text.sentencepiece;

import java.util.HashMap;
import java.util.Map;

/** Finds every piece that a text goes on with at a place. Nodes are numbers, edges are (node, character) pairs. */
final class PieceTrie {
  private static final int NONE = -1;

  private final Map<Long, Integer> edges = new HashMap<>();
  private final java.util.ArrayList<Integer> ids = new java.util.ArrayList<>(java.util.List.of(NONE));

  void add(String piece, int id) {
    int node = 0;
    for (int i = 0; i < piece.length(); i++) {
      Integer next = edges.get(edge(node, piece.charAt(i)));
      if (next == null) {
        next = ids.size();
        edges.put(edge(node, piece.charAt(i)), next);
        ids.add(NONE);
      }
      node = next;
    }
    ids.set(node, id);
  }

  boolean isEmpty() {
    return edges.isEmpty();
  }

  /** The node after one more character; -1 if no piece goes on so. The root is 0. */
  int step(int node, char c) {
    return edges.getOrDefault(edge(node, c), NONE);
  }

  /** The id of the piece that ends at a node; -1 if none does. */
  int id(int node) {
    return ids.get(node);
  }

  /** The length of the longest piece that stands in the text at a place; 0 if none does. */
  int longestAt(String text, int start) {
    int longest = 0;
    int node = 0;
    for (int i = start; i < text.length(); i++) {
      node = step(node, text.charAt(i));
      if (node < 0) {
        break;
      }
      if (id(node) >= 0) {
        longest = i + 1 - start;
      }
    }
    return longest;
  }

  private static long edge(int node, char c) {
    return (long) node << 16 | c;
  }
}
