package dev.syrinx.text.sentencepiece;

import dev.syrinx.text.TextModelException;
import dev.syrinx.text.sentencepiece.SentencePieceModel.Piece;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads and checks a {@code ModelProto}: field numbers are those of sentencepiece_model.proto. */
final class ModelParser {
  static final String REMEDY = "The file is damaged or no SentencePiece model: fetch bpe.model again";

  private static final int MODEL_UNIGRAM = 1;
  private static final int MODEL_BPE = 2;
  private static final int MAX_PIECE_CHARS = 4096;

  private final String file;
  private final List<Piece> pieces = new ArrayList<>();
  private long modelType = MODEL_UNIGRAM;
  private boolean byteFallback;
  private boolean spaceAsSuffix;
  private Charsmap charsmap = Charsmap.none();
  private boolean addDummyPrefix = true;
  private boolean removeExtraSpaces = true;
  private boolean escapeSpaces = true;
  private boolean sawTrainer;
  private boolean sawNormalizer;

  private ModelParser(String file) {
    this.file = file;
  }

  static SentencePieceModel parse(byte[] data, String file) {
    ModelParser parser = new ModelParser(file);
    parser.model(new ProtoReader(file, data, 0, data.length));
    parser.check();
    return new SentencePieceModel(file, parser.pieces, parser.modelType == MODEL_BPE, parser.byteFallback, parser.spaceAsSuffix,
        parser.charsmap, parser.addDummyPrefix, parser.removeExtraSpaces, parser.escapeSpaces);
  }

  private void model(ProtoReader in) {
    while (in.next()) {
      switch (in.field()) {
        case 1 -> pieces.add(piece(in.readMessage()));
        case 2 -> trainer(in.readMessage());
        case 3 -> normalizer(in.readMessage());
        default -> in.skip();
      }
    }
  }

  private Piece piece(ProtoReader in) {
    String text = "";
    float score = 0;
    long type = 1;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> text = in.readString();
        case 2 -> score = in.readFloat();
        case 3 -> type = in.readVarint();
        default -> in.skip();
      }
    }
    int id = pieces.size();
    if (text.isEmpty() || text.length() > MAX_PIECE_CHARS) {
      throw bad("piece " + id + " has " + text.length() + " characters");
    }
    if (!Float.isFinite(score)) {
      throw bad("piece " + id + " has the score " + score);
    }
    long number = type;
    PieceType known = PieceType.of(type).orElseThrow(() -> bad("piece " + id + " is of the unknown type " + number));
    return new Piece(text, score, known);
  }

  private void trainer(ProtoReader in) {
    sawTrainer = true;
    while (in.next()) {
      switch (in.field()) {
        case 3 -> modelType = in.readVarint();
        case 24 -> spaceAsSuffix = in.readBoolean();
        case 35 -> byteFallback = in.readBoolean();
        default -> in.skip();
      }
    }
  }

  private void normalizer(ProtoReader in) {
    sawNormalizer = true;
    while (in.next()) {
      switch (in.field()) {
        case 2 -> charsmap = Charsmap.parse(in.readBytes(), file);
        case 3 -> addDummyPrefix = in.readBoolean();
        case 4 -> removeExtraSpaces = in.readBoolean();
        case 5 -> escapeSpaces = in.readBoolean();
        default -> in.skip();
      }
    }
  }

  private void check() {
    if (pieces.isEmpty() || !sawTrainer || !sawNormalizer) {
      throw bad("it has " + pieces.size() + " pieces, " + (sawTrainer ? "a" : "no") + " trainer section and "
          + (sawNormalizer ? "a" : "no") + " normaliser section");
    }
    if (modelType != MODEL_UNIGRAM && modelType != MODEL_BPE) {
      throw bad("its model type is " + modelType + "; only Unigram (1) and BPE (2) can be read");
    }
    long unknowns = pieces.stream().filter(piece -> piece.type() == PieceType.UNKNOWN).count();
    if (unknowns != 1) {
      throw bad("it has " + unknowns + " pieces for the unknown instead of one");
    }
    Set<String> seen = new HashSet<>();
    for (Piece piece : pieces) {
      if (!seen.add(piece.text())) {
        throw bad("the piece '" + piece.text() + "' stands in it twice");
      }
    }
    if (byteFallback) {
      for (int b = 0; b < 256; b++) {
        if (!seen.contains(SentencePieceTokenizer.bytePiece(b))) {
          throw bad("it falls back to bytes and lacks the piece " + SentencePieceTokenizer.bytePiece(b));
        }
      }
    }
  }

  private TextModelException bad(String problem) {
    return new TextModelException(file, problem, REMEDY);
  }
}
