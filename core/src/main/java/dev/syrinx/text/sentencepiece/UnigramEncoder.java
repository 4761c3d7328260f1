package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.sentencepiece.SentencePieceModel.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The most likely cut of a text under a unigram language model, by one Viterbi pass from left to right. */
final class UnigramEncoder implements Encoder {
  private static final float UNKNOWN_PENALTY = 10;

  private final List<Piece> pieces;
  private final PieceTrie trie = new PieceTrie();
  private final float unknownScore;
  private final float bestScore;

  UnigramEncoder(List<Piece> pieces) {
    this.pieces = pieces;
    float worst = Float.MAX_VALUE;
    float best = Float.MIN_NORMAL; // the reference begins its maximum there, so with the usual negative scores it stays there
    for (int id = 0; id < pieces.size(); id++) {
      Piece piece = pieces.get(id);
      if (piece.type().spells()) {
        trie.add(piece.text(), id);
      }
      if (piece.type() == PieceType.NORMAL) {
        worst = Math.min(worst, piece.score());
        best = Math.max(best, piece.score());
      }
    }
    unknownScore = worst - UNKNOWN_PENALTY;
    bestScore = best;
  }

  @Override
  public List<String> encode(String normalized) {
    int length = normalized.length();
    int[] from = new int[length + 1];
    float[] score = new float[length + 1];
    Arrays.fill(from, -1);
    for (int start = 0; start < length; ) {
      int character = Character.charCount(normalized.codePointAt(start));
      extend(normalized, start, character, from, score);
      start += character;
    }
    List<String> cut = new ArrayList<>();
    for (int end = length; end > 0; end = from[end]) {
      cut.add(normalized.substring(from[end], end));
    }
    Collections.reverse(cut);
    return cut;
  }

  /** Tries every piece that begins at a place, and the single unknown character if no piece is that character. */
  private void extend(String text, int start, int character, int[] from, float[] score) {
    boolean single = false;
    int node = 0;
    for (int i = start; i < text.length(); i++) {
      node = trie.step(node, text.charAt(i));
      if (node < 0) {
        break;
      }
      int id = trie.id(node);
      if (id >= 0 && pieces.get(id).type() != PieceType.UNUSED) {
        improve(start, i + 1, score[start] + pieceScore(text, start, i + 1, pieces.get(id)), from, score);
        single |= i + 1 - start == character;
      }
    }
    if (!single) {
      improve(start, start + character, unknownScore + score[start], from, score);
    }
  }

  private double pieceScore(String text, int start, int end, Piece piece) {
    return piece.type() == PieceType.USER_DEFINED ? Utf8.length(text, start, end) * bestScore - 0.1 : piece.score();
  }

  private static void improve(int start, int end, double candidate, int[] from, float[] score) {
    if (from[end] < 0 || candidate > score[end]) {
      from[end] = start;
      score[end] = (float) candidate;
    }
  }
}
