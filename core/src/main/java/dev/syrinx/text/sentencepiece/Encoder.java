package dev.syrinx.text.sentencepiece;

import java.util.List;

/** Cuts normalised text into pieces of the vocabulary and characters outside it. */
@FunctionalInterface
interface Encoder {
  /** Pieces that together are the text. */
  List<String> encode(String normalized);
}
