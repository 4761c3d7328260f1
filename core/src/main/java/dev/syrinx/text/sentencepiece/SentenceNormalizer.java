package dev.syrinx.text.sentencepiece;

import java.nio.charset.StandardCharsets;

/** A model's own normalisation: character conversion, spaces collapsed and escaped, a space put in front. */
final class SentenceNormalizer {
  private final SentencePieceModel model;
  private final PieceTrie userDefined;

  SentenceNormalizer(SentencePieceModel model, PieceTrie userDefined) {
    this.model = model;
    this.userDefined = userDefined;
  }

  /** The text as the encoder sees it. */
  String normalize(String text) {
    boolean trim = model.removeExtraSpaces();
    String converted = trim ? collapse(convert(text)) : convert(text);
    if (text.isEmpty() || (trim && converted.isEmpty())) {
      return "";
    }
    char space = model.escapeSpaces() ? SentencePieceModel.SPACE_MARK : ' ';
    boolean inFront = model.addDummyPrefix() && !model.spaceAsSuffix();
    String marked = (inFront ? String.valueOf(space) : "") + converted.replace(' ', space);
    if (trim) {
      marked = stripTrailing(marked, space);
    }
    return model.addDummyPrefix() && model.spaceAsSuffix() ? marked + space : marked;
  }

  /** User-defined pieces stay as they are; everything else goes through the character conversion, longest match first. */
  private String convert(String text) {
    Charsmap charsmap = model.charsmap();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteSink out = new ByteSink(bytes.length + 16);
    int character = 0;
    int i = 0;
    while (i < bytes.length) {
      int kept = userDefined.isEmpty() ? 0 : userDefined.longestAt(text, character);
      long prefix = kept > 0 ? 0 : charsmap.longestPrefix(bytes, i);
      int next = i + (int) prefix;
      if (prefix != 0) {
        long range = charsmap.replacement(prefix);
        out.append(charsmap.bytes(), (int) (range >>> 32), (int) range);
      } else {
        next = i + (kept > 0 ? Utf8.length(text, character, character + kept) : Utf8.length(bytes[i]));
        out.append(bytes, i, next);
      }
      character += Utf8.characters(bytes, i, next);
      i = next;
    }
    return out.toString();
  }

  /** No space in front, single ones between. */
  private static String collapse(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean afterSpace = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ' ' || !afterSpace) {
        out.append(c);
      }
      afterSpace = c == ' ';
    }
    return out.toString();
  }

  private static String stripTrailing(String text, char space) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == space) {
      end--;
    }
    return text.substring(0, end);
  }
}
