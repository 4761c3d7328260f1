package dev.syrinx.text.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Python's indices and slices on texts and lists. A text is a sequence of code points. */
final class Sequences {
  private Sequences() {}

  static List<Object> of(String text) {
    return new ArrayList<>(text.codePoints().mapToObj(Character::toString).toList());
  }

  /** The element at an index, which counts from the end if negative. */
  static Object at(List<?> list, long index) {
    long place = index < 0 ? index + list.size() : index;
    return place < 0 || place >= list.size() ? Absent.UNDEFINED : list.get((int) place);
  }

  static List<Object> slice(List<?> list, Optional<Long> start, Optional<Long> stop, long step) {
    int size = list.size();
    long from = start.map(value -> bound(value, size, step)).orElse(step > 0 ? 0L : size - 1L);
    long to = stop.map(value -> bound(value, size, step)).orElse(step > 0 ? (long) size : -1L);
    List<Object> result = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      result.add(list.get((int) i));
    }
    return Collections.unmodifiableList(result);
  }

  private static long bound(long value, int size, long step) {
    long place = value < 0 ? value + size : value;
    return step > 0 ? Math.clamp(place, 0L, (long) size) : Math.clamp(place, -1L, size - 1L);
  }
}
