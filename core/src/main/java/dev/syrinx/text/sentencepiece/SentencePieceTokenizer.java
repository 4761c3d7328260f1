package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.TextModelException;
import dev.syrinx.text.Tokenizer;
import dev.syrinx.text.sentencepiece.SentencePieceModel.Piece;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tokenizer of a SentencePiece model file, BPE or Unigram. Pure Java: no file can bring down the process. */
public final class SentencePieceTokenizer implements Tokenizer {
  private static final long MAX_FILE = 256L << 20;

  private final SentencePieceModel model;
  private final SentenceNormalizer normalizer;
  private final Encoder encoder;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<String, Piece> spelled = new HashMap<>();
  private final int unknownId;

  private SentencePieceTokenizer(SentencePieceModel model) {
    this.model = model;
    PieceTrie userDefined = new PieceTrie();
    int unknown = 0;
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      ids.put(piece.text(), id);
      if (piece.type().spells()) {
        spelled.put(piece.text(), piece);
      }
      if (piece.type() == PieceType.USER_DEFINED) {
        userDefined.add(piece.text(), id);
      }
      unknown = piece.type() == PieceType.UNKNOWN ? id : unknown;
    }
    unknownId = unknown;
    normalizer = new SentenceNormalizer(model, userDefined);
    encoder = model.bpe() ? new BpeEncoder(spelled, userDefined) : new UnigramEncoder(model.pieces());
  }

  /**
   * Reads a model file.
   *
   * @throws TextModelException if it cannot be read, is damaged, or is neither BPE nor Unigram
   */
  public static SentencePieceTokenizer read(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_FILE) {
        throw new TextModelException(file.toString(), "it has " + size + " bytes, more than any tokenizer", ModelParser.REMEDY);
      }
      return parse(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw new TextModelException(file.toString(), "it cannot be read (" + e + ")", "Check the model folder", e);
    }
  }

  /** Takes the bytes of a model file; {@code name} is what error messages call it. */
  public static SentencePieceTokenizer parse(byte[] data, String name) {
    return new SentencePieceTokenizer(ModelParser.parse(data, name));
  }

  @Override
  public List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    StringBuilder unknowns = new StringBuilder(); // a run of unknown characters is one piece
    for (String piece : encoder.encode(normalizer.normalize(text))) {
      if (!spelled.containsKey(piece)) {
        unknowns.append(piece);
        continue;
      }
      addUnknown(unknowns, pieces);
      pieces.add(piece);
    }
    addUnknown(unknowns, pieces);
    return pieces;
  }

  private void addUnknown(StringBuilder unknowns, List<String> pieces) {
    String run = unknowns.toString();
    unknowns.setLength(0);
    if (model.byteFallback()) {
      for (byte b : run.getBytes(StandardCharsets.UTF_8)) {
        pieces.add(bytePiece(b & 0xff));
      }
    } else if (!run.isEmpty()) {
      pieces.add(run);
    }
  }

  @Override
  public int id(String piece) {
    return ids.getOrDefault(piece, unknownId);
  }

  @Override
  public int unknownId() {
    return unknownId;
  }

  @Override
  public int size() {
    return model.pieces().size();
  }

  static String bytePiece(int b) {
    return String.format("<0x%02X>", b);
  }
}
