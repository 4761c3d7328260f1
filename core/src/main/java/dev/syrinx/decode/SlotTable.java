package dev.syrinx.decode;

import java.util.BitSet;

/**
 * Which cache slot holds each position of each beam. Beams share the slots of their common past, so reordering beams copies numbers, never
 * keys or values; slots that no beam refers to any more are found when new ones run out.
 */
final class SlotTable {
  private final int beams;
  private final BitSet live = new BitSet();
  private Lineage table;
  private int slots;
  private int fresh;
  private int length;
  private boolean reordered;

  /** @param prompt positions that all beams share, in slots 0 to prompt − 1 */
  SlotTable(int beams, int prompt, int slots) {
    this.beams = beams;
    this.slots = slots;
    table = new Lineage(beams, slots);
    for (int beam = 0; beam < beams; beam++) {
      for (int p = 0; p < prompt; p++) {
        table.of(beam)[p] = p;
      }
    }
    length = prompt;
    fresh = prompt;
    live.set(0, prompt);
  }

  /** Positions of each beam. */
  int length() {
    return length;
  }

  /** Whether the last step changed more than the last position. */
  boolean reordered() {
    return reordered;
  }

  /** Slots there are. */
  int slots() {
    return slots;
  }

  /** Slot of each position of a beam. */
  int[] of(int beam) {
    return table.of(beam);
  }

  /**
   * Reorders the beams and gives each a slot for its next position.
   *
   * @return whether there was room; if not, only the reordering was done: {@link #grow} and {@link #extend}
   */
  boolean advance(int[] parents) {
    reordered = table.fork(parents, length);
    return extend();
  }

  /** Gives each beam a slot for its next position if there is room. */
  boolean extend() {
    if (length >= slots) {
      return false;
    }
    if (available() < beams) {
      sweep();
    }
    if (available() < beams) {
      return false;
    }
    for (int beam = 0; beam < beams; beam++) {
      fresh = live.nextClearBit(fresh);
      live.set(fresh);
      table.of(beam)[length] = fresh;
    }
    length++;
    return true;
  }

  /** Free slots from {@code fresh} on; earlier ones are not looked at before a sweep. */
  private int available() {
    int free = 0;
    for (int slot = live.nextClearBit(fresh); slot < slots && free < beams; slot = live.nextClearBit(slot + 1)) {
      free++;
    }
    return free;
  }

  private void sweep() {
    live.clear();
    for (int beam = 0; beam < beams; beam++) {
      for (int p = 0; p < length; p++) {
        live.set(table.of(beam)[p]);
      }
    }
    fresh = 0;
  }

  /** More slots behind those there are. */
  void grow(int more) {
    slots = more;
    table = table.grown(more);
  }

  /** Slots that some beam refers to. */
  int used() {
    sweep();
    return live.cardinality();
  }
}
