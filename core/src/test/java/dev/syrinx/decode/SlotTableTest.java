package dev.syrinx.decode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Slots against a simulated cache: whatever the forks, every beam must find at every position what was written for it. */
class SlotTableTest {
  @ParameterizedTest
  @CsvSource({"1, 7", "2, 8", "3, 12", "3, 200", "16, 40"})
  void everyBeamFindsItsOwnPast(int beams, int slots) {
    int prompt = 5;
    Random random = new Random(beams * 1000L + slots);
    SlotTable table = new SlotTable(beams, prompt, slots);
    List<Integer> memory = new ArrayList<>();
    List<List<Integer>> pasts = new ArrayList<>();
    for (int i = 0; i < prompt; i++) {
      memory.add(-i);
    }
    for (int beam = 0; beam < beams; beam++) {
      pasts.add(new ArrayList<>(memory));
    }
    for (int step = 0; step < 120; step++) {
      int[] parents = random.ints(beams, 0, beams).toArray();
      if (step % 3 == 0) {
        Arrays.setAll(parents, i -> i);
      }
      boolean room = table.advance(parents);
      while (!room) {
        table.grow(table.slots() + 2);
        room = table.extend();
      }
      List<List<Integer>> next = new ArrayList<>();
      for (int beam = 0; beam < beams; beam++) {
        List<Integer> past = new ArrayList<>(pasts.get(parents[beam]));
        past.add(step * 100 + beam);
        next.add(past);
        write(memory, table.of(beam)[table.length() - 1], step * 100 + beam);
      }
      pasts = next;
      check(table, memory, pasts);
    }
  }

  private static void write(List<Integer> memory, int slot, int value) {
    while (memory.size() <= slot) {
      memory.add(null);
    }
    memory.set(slot, value);
  }

  private static void check(SlotTable table, List<Integer> memory, List<List<Integer>> pasts) {
    for (int beam = 0; beam < pasts.size(); beam++) {
      assertEquals(pasts.get(beam).size(), table.length());
      for (int p = 0; p < table.length(); p++) {
        assertEquals(pasts.get(beam).get(p), memory.get(table.of(beam)[p]), "beam " + beam + " position " + p);
      }
    }
  }

  @Test
  void beamsShareTheirPast() {
    SlotTable table = new SlotTable(3, 10, 100);
    int[] all = {1, 1, 1};
    for (int step = 0; step < 20; step++) {
      assertTrue(table.advance(all));
    }
    assertEquals(10 + 19 + 3, table.used(), "one past and three newest positions");
    Set<Integer> newest = new HashSet<>();
    for (int beam = 0; beam < 3; beam++) {
      newest.add(table.of(beam)[table.length() - 1]);
    }
    assertEquals(3, newest.size());
  }

  @Test
  void aFullTableSaysSo() {
    SlotTable table = new SlotTable(2, 3, 5);
    int[] same = {0, 1};
    assertTrue(table.advance(same));
    assertFalse(table.advance(same));
    assertEquals(4, table.length());
    table.grow(9);
    assertTrue(table.extend());
    assertEquals(5, table.length());
  }
}
