package dev.syrinx.text.numbers;

import java.util.List;
import java.util.Optional;

/** E-mail and web addresses, read sign by sign with English words for the signs. */
final class WebAddresses {
  private static final String MAIL = "(?<![\\w.%+-])[A-Za-z0-9._%+-]++@[A-Za-z0-9.-]++(?<=[A-Za-z0-9]\\.[A-Za-z]{2,12})";
  private static final String WEB = "(?<!\\w)(?:https?://|www\\.)[A-Za-z0-9._~:/?#@!$&()*+,;=%-]++";

  private WebAddresses() {}

  static List<Rule> rules() {
    return List.of(Rule.of(MAIL, m -> read(m.group())), Rule.maybe(WEB, m -> web(m.group())));
  }

  private static Optional<String> web(String address) {
    String bare = address.replaceFirst("^https?://", "");
    int end = bare.length();
    while (end > 0 && ".,;:!?)/".indexOf(bare.charAt(end - 1)) >= 0) {
      end--;
    }
    String tail = bare.substring(end).replace("/", "");
    return end == 0 ? Optional.empty() : Optional.of(read(bare.substring(0, end)) + tail);
  }

  private static String read(String address) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < address.length(); i++) {
      char c = address.charAt(i);
      String word = switch (c) {
        case '.' -> " dot ";
        case '@' -> " at ";
        case '/' -> " slash ";
        case '-' -> " dash ";
        case '_' -> " underscore ";
        case ':' -> " colon ";
        case '+' -> " plus ";
        case '=' -> " equals ";
        case '&' -> " and ";
        case '%' -> " percent ";
        case '#' -> " hash ";
        case '~' -> " tilde ";
        case '?' -> " question mark ";
        default -> Character.isDigit(c) ? " " + EnglishNumbers.digits(String.valueOf(c)) + " " : String.valueOf(c);
      };
      out.append(word);
    }
    return out.toString().replaceAll(" {2,}", " ").strip();
  }
}
