package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.cuda.FreeSpace.Piece;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FreeSpaceTest {
  private static final int REGION = 1000;

  /** Two regions side by side: pieces never overlap, nothing gets lost, and pieces do not join over the border. */
  @Test
  void piecesAreApartAndComeBack() {
    FreeSpace free = new FreeSpace();
    free.give(new Piece(0, 0, REGION));
    free.give(new Piece(REGION, REGION, REGION));
    List<Piece> out = new ArrayList<>();
    BitSet used = new BitSet();
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(5) < 3) {
        Optional<Piece> made = free.take(1 + random.nextInt(120));
        refused += made.isEmpty() ? 1 : 0;
        made.ifPresent(piece -> {
          assertEquals(piece.region(), piece.address() / REGION * REGION);
          assertTrue(piece.address() + piece.bytes() <= piece.region() + REGION);
          assertTrue(used.get((int) piece.address(), (int) (piece.address() + piece.bytes())).isEmpty(), "handed out twice");
          used.set((int) piece.address(), (int) (piece.address() + piece.bytes()));
          out.add(piece);
        });
      } else if (!out.isEmpty()) {
        Piece back = out.remove(random.nextInt(out.size()));
        used.clear((int) back.address(), (int) (back.address() + back.bytes()));
        free.give(back);
      }
      assertEquals(2 * REGION - used.cardinality(), free.all().stream().mapToLong(Piece::bytes).sum());
    }
    assertTrue(refused > 0, "never full");
    out.forEach(free::give);
    assertEquals(List.of(new Piece(0, 0, REGION), new Piece(REGION, REGION, REGION)), free.all());
    assertFalse(free.take(REGION + 1).isPresent());
  }

  @Test
  void theSmallestThatIsLargeEnoughIsCut() {
    FreeSpace free = new FreeSpace();
    free.give(new Piece(0, 0, 500));
    free.give(new Piece(1000, 1000, 60));
    free.give(new Piece(2000, 2000, 40));
    assertEquals(new Piece(1000, 1000, 50), free.take(50).orElseThrow());
    assertEquals(new Piece(2000, 2000, 40), free.take(40).orElseThrow());
    assertEquals(new Piece(0, 0, 41), free.take(41).orElseThrow());
    assertEquals(new Piece(1000, 1050, 10), free.take(10).orElseThrow());
  }
}
