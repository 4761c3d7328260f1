package dev.syrinx.text.emotion;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Collects {@code name: number} pairs from an answer that is no JSON, as the expression {@code ([^\s":.,]+?)"?\s*:\s*([\d.]+)} would, but
 * in time linear in the length of the answer.
 */
final class EmotionPairs {
  private EmotionPairs() {}

  /** Names and numbers as written, the last one for each name. */
  static Map<String, String> find(String answer) {
    Map<String, String> pairs = new LinkedHashMap<>();
    int from = 0;
    for (int colon = answer.indexOf(':'); colon >= 0; colon = answer.indexOf(':', Math.max(from, colon + 1))) {
      int nameEnd = nameEnd(answer, colon, from);
      int nameStart = nameEnd;
      while (nameStart > from && isName(answer.charAt(nameStart - 1))) {
        nameStart--;
      }
      int start = colon + 1;
      while (start < answer.length() && Character.isWhitespace(answer.charAt(start))) {
        start++;
      }
      int end = start;
      while (end < answer.length() && isNumber(answer.charAt(end))) {
        end++;
      }
      if (nameStart < nameEnd && start < end) {
        pairs.put(answer.substring(nameStart, nameEnd), answer.substring(start, end));
        from = end;
      }
    }
    return pairs;
  }

  private static int nameEnd(String answer, int colon, int from) {
    int end = colon;
    while (end > from && Character.isWhitespace(answer.charAt(end - 1))) {
      end--;
    }
    return end > from && answer.charAt(end - 1) == '"' ? end - 1 : end;
  }

  private static boolean isName(char c) {
    return !Character.isWhitespace(c) && "\":.,".indexOf(c) < 0;
  }

  private static boolean isNumber(char c) {
    return c == '.' || (c >= '0' && c <= '9');
  }
}
