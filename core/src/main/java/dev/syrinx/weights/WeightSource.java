package dev.syrinx.weights;

import java.util.Set;

/**
 * Named tensors of one component.
 *
 * <p>Tensors are views of mapped memory and are made when asked for, so that holding a source costs next to nothing. A source may be used
 * by several threads. A source that is a view ({@link #under}, {@link #withoutPrefix}, a dictionary of an archive) owns nothing: closing it
 * does nothing, and closing the file behind it ends the life of its tensors.
 */
public interface WeightSource extends AutoCloseable {
  /** Where the tensors come from, for messages: the file, and the dictionary within it if it has several. */
  String origin();

  /** All names, in the order of the file. */
  Set<String> names();

  /** Whether there is a tensor of that name. */
  default boolean has(String name) {
    return names().contains(name);
  }

  /**
   * The tensor of that name.
   *
   * @throws CheckpointException if there is none, or if its data is damaged
   */
  StoredTensor tensor(String name);

  /** The tensors whose names begin with {@code prefix} and a dot, named without them. An empty prefix gives this source. */
  default WeightSource under(String prefix) {
    if (prefix.isEmpty()) {
      return this;
    }
    String dotted = prefix.endsWith(".") ? prefix : prefix + ".";
    return RenamedSource.only(this, dotted);
  }

  /**
   * All tensors, with {@code prefix} taken off the names that begin with it; distributed training leaves {@code module.} in names.
   *
   * @throws CheckpointException if two tensors would get the same name
   */
  default WeightSource withoutPrefix(String prefix) {
    return names().stream().anyMatch(name -> name.startsWith(prefix)) ? RenamedSource.stripped(this, prefix) : this;
  }

  @Override
  default void close() {}
}
