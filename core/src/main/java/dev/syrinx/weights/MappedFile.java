package dev.syrinx.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file mapped read-only as a whole. Pages are read when touched and can be dropped by the system at any time, so nothing is copied.
 * Whoever shortens a file while it is mapped makes the next touch of the lost part fail with an {@link InternalError}; replacing it by
 * another file under the same name is harmless.
 */
final class MappedFile implements AutoCloseable {
  private final Path path;
  private final Arena arena;
  private final MemorySegment bytes;

  private MappedFile(Path path, Arena arena, MemorySegment bytes) {
    this.path = path;
    this.arena = arena;
    this.bytes = bytes;
  }

  /**
   * @throws CheckpointException if there is no such file, it is a folder, or it cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena passes to the result, whose close() closes it
  static MappedFile open(Path path) {
    if (Files.isDirectory(path)) {
      throw new CheckpointException(path + ": is a folder, expected a file");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedFile(path, arena, bytes);
    } catch (NoSuchFileException e) {
      arena.close();
      throw new CheckpointException(path + ": no such file", e);
    } catch (IOException e) {
      arena.close();
      throw new CheckpointException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  Path path() {
    return path;
  }

  /** Lives as long as this mapping; for what is unpacked from the file. */
  Arena arena() {
    return arena;
  }

  MemorySegment bytes() {
    return bytes;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
