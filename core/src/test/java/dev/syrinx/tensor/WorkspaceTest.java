package dev.syrinx.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class WorkspaceTest {
  private static final long MIB = 1 << 20;

  /** Blocks that are nowhere, like a device's. */
  private static final class Nowhere implements BlockSource {
    private final List<Long> given = new ArrayList<>();
    private long next = 1 << 20;

    @Override
    public MemorySegment block(long bytes) {
      given.add(next);
      next += bytes + 1024;
      return MemorySegment.ofAddress(given.getLast());
    }

    @Override
    public long alignment() {
      return 256;
    }

    @Override
    public boolean release(MemorySegment block) {
      return given.remove(block.address());
    }

    @Override
    public void close() {
      given.clear();
    }
  }

  @Test
  void scopesGiveBackAndPiecesDoNotOverlap() {
    try (Workspace workspace = new Workspace(new Nowhere(), MIB)) {
      Random random = new Random(1);
      List<long[]> live = new ArrayList<>();
      fill(workspace, random, live, 4);
      assertTrue(workspace.reservedBytes() < 400 * MIB, workspace.reservedBytes() + " bytes");
    }
  }

  private static void fill(Workspace workspace, Random random, List<long[]> live, int depth) {
    for (int i = 0; i < 6; i++) {
      long bytes = random.nextInt(3 << (10 + random.nextInt(12)));
      MemorySegment made = workspace.allocate(bytes);
      assertEquals(0, made.address() % 256);
      for (long[] other : live) {
        assertTrue(made.address() >= other[0] + other[1] || made.address() + bytes <= other[0], "a piece lies in another");
      }
      live.add(new long[] {made.address(), Math.max(1, bytes)});
      if (depth > 0) {
        int before = live.size();
        try (var scope = workspace.scope()) {
          fill(workspace, random, live, depth - 1);
        }
        live.subList(before, live.size()).clear();
      }
    }
  }

  @Test
  void freeBlocksServeWhateverFits() {
    Nowhere source = new Nowhere();
    try (Workspace workspace = new Workspace(source, MIB)) {
      for (int round = 0; round < 3; round++) {
        for (long size : new long[] {5, 3, 9, 4, 8}) {
          try (var scope = workspace.scope()) {
            workspace.allocate(100);
            workspace.allocate(size * MIB);
          }
        }
      }
      assertEquals(3, source.given.size()); // one for small pieces, 5 and 9 for all others
    }
  }

  @Test
  void trimmingKeepsWhatIsUsed() {
    Nowhere source = new Nowhere();
    try (Workspace workspace = new Workspace(source, MIB)) {
      MemorySegment kept = workspace.allocate(100);
      try (var scope = workspace.scope()) {
        workspace.allocate(5 * MIB);
      }
      assertEquals(5 * MIB, workspace.trim());
      assertEquals(List.of(kept.address()), source.given);
      assertEquals(0, workspace.trim());
      assertEquals(MIB, workspace.reservedBytes());
    }
  }

  @Test
  void hostMemoryIsKept() {
    try (Workspace workspace = new Workspace()) {
      try (var scope = workspace.scope()) {
        assertEquals(1000, workspace.allocate(1000).byteSize());
        assertEquals(0, workspace.allocate(0).byteSize());
      }
      assertEquals(0, workspace.trim());
      assertEquals(16 * MIB, workspace.reservedBytes());
    }
  }
}
