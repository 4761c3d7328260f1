package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A {@code CUlaunchConfig} with room for its attributes; offsets as {@code cuda.h} lays it out on 64-bit systems. */
final class LaunchConfig {
  private static final long CONFIG_BYTES = 56;
  private static final long BLOCK = 12;
  private static final long SHARED = 24;
  private static final long STREAM = 32;
  private static final long ATTRIBUTES = 40;
  private static final long COUNT = 48;

  // CUlaunchAttribute: id, padding to 8, a union of 64 bytes
  private static final long ATTRIBUTE_BYTES = 72;
  private static final long VALUE = 8;
  private static final int MOST_ATTRIBUTES = 3;

  // CUlaunchAttributeID
  private static final int COOPERATIVE = 2;
  private static final int CLUSTER_DIMENSION = 4;
  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  private final MemorySegment config;
  private final MemorySegment attributes;
  private int count;

  LaunchConfig(Arena arena) {
    config = arena.allocate(CONFIG_BYTES, 8);
    attributes = arena.allocate(MOST_ATTRIBUTES * ATTRIBUTE_BYTES, 8);
    config.set(JAVA_LONG, ATTRIBUTES, attributes.address());
  }

  /** Fills it; its address is valid until the next call. */
  long write(int gridX, int gridY, int gridZ, int threads, int sharedBytes, long stream, LaunchAttributes wanted) {
    three(config, 0, gridX, gridY, gridZ);
    three(config, BLOCK, threads, 1, 1);
    config.set(JAVA_INT, SHARED, sharedBytes);
    config.set(JAVA_LONG, STREAM, stream);
    count = 0;
    if (wanted.programmatic()) {
      attributes.set(JAVA_INT, add(PROGRAMMATIC_STREAM_SERIALIZATION), 1);
    }
    if (wanted.cooperative()) {
      attributes.set(JAVA_INT, add(COOPERATIVE), 1);
    }
    if (wanted.clustered()) {
      three(attributes, add(CLUSTER_DIMENSION), wanted.clusterX(), wanted.clusterY(), wanted.clusterZ());
    }
    config.set(JAVA_INT, COUNT, count);
    return config.address();
  }

  private static void three(MemorySegment target, long offset, int x, int y, int z) {
    target.set(JAVA_INT, offset, x);
    target.set(JAVA_INT, offset + 4, y);
    target.set(JAVA_INT, offset + 8, z);
  }

  /** Begins an attribute; where its value goes. */
  private long add(int id) {
    long start = count++ * ATTRIBUTE_BYTES;
    attributes.asSlice(start, ATTRIBUTE_BYTES).fill((byte) 0);
    attributes.set(JAVA_INT, start, id);
    return start + VALUE;
  }
}
