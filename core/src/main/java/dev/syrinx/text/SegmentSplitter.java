package dev.syrinx.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts the pieces of a text into segments that are synthesised one by one.
 *
 * <p>Faithful to the reference, oddities included: every comma and hyphen is a cut point at once and the parts are then packed up to the
 * limit, so a segment need not end where a sentence does; a quote after a full stop is emitted twice, once at the end of the part and
 * again as the next piece; through that quote a segment may hold one piece more than the limit.
 *
 * @param limit the most pieces of a segment, at least 1
 * @param quickStreamingTokens parts are packed only up to half the limit until more than this many pieces have gone by; 0 switches it off
 */
public record SegmentSplitter(int limit, int quickStreamingTokens) {
  /** The reference's default limit. */
  public static final int DEFAULT_LIMIT = 120;

  private static final Logger LOG = LoggerFactory.getLogger(SegmentSplitter.class);
  private static final Set<String> SENTENCE_ENDS = Set.of(".", "!", "?", "▁.", "▁?", "▁...");
  private static final Set<String> COMMAS = Set.of(",", "▁,");
  private static final Set<String> HYPHENS = Set.of("-");
  private static final Set<String> QUOTES = Set.of("'", "▁'");

  public SegmentSplitter {
    if (limit < 1) {
      throw new TextException("a segment limit of " + limit + " tokens leaves no room for text; use 1 or more (usually 120)");
    }
    if (quickStreamingTokens < 0) {
      throw new TextException("quick streaming tokens must be 0 or more, not " + quickStreamingTokens);
    }
  }

  /** The pieces of each segment. No pieces give no segments. */
  public List<List<String>> split(List<String> pieces) {
    return split(pieces, SENTENCE_ENDS);
  }

  private List<List<String>> split(List<String> pieces, Set<String> marks) {
    List<List<String>> parts = new ArrayList<>();
    List<String> current = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      String piece = pieces.get(i);
      current.add(piece);
      List<List<String>> cut = cut(current, piece, marks);
      if (cut.isEmpty() && marks.contains(piece) && current.size() > 2) {
        if (i + 1 < pieces.size() && QUOTES.contains(pieces.get(i + 1))) {
          current.add(pieces.get(i + 1));
        }
        cut = List.of(List.copyOf(current));
      }
      if (!cut.isEmpty()) {
        parts.addAll(cut);
        current.clear();
      }
    }
    if (!current.isEmpty()) {
      parts.add(List.copyOf(current));
    }
    return pack(parts);
  }

  /** Cuts at a comma or hyphen that came last, or after too many pieces; empty if nothing of this applies. */
  private List<List<String>> cut(List<String> current, String last, Set<String> marks) {
    if (!marks.equals(COMMAS) && COMMAS.contains(last)) {
      return split(current, COMMAS);
    }
    if (!marks.equals(HYPHENS) && HYPHENS.contains(last)) {
      return split(current, HYPHENS);
    }
    if (current.size() <= limit) {
      return List.of();
    }
    LOG.debug("{} tokens without a sentence end: cut after {} of them", current.size(), limit);
    List<List<String>> chunks = new ArrayList<>();
    for (int start = 0; start < current.size(); start += limit) {
      chunks.add(List.copyOf(current.subList(start, Math.min(start + limit, current.size()))));
    }
    return chunks;
  }

  private List<List<String>> pack(List<List<String>> parts) {
    List<List<String>> segments = new ArrayList<>();
    List<String> open = new ArrayList<>();
    int total = 0;
    for (List<String> part : parts) {
      total += part.size();
      int joined = open.size() + part.size();
      boolean join = (joined <= limit && total > quickStreamingTokens) || 2 * joined <= limit;
      if (!join && !open.isEmpty()) {
        segments.add(List.copyOf(open));
        open.clear();
      }
      open.addAll(part);
    }
    if (!open.isEmpty()) {
      segments.add(List.copyOf(open));
    }
    return List.copyOf(segments);
  }
}
