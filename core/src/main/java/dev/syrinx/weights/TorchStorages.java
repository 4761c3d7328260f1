package dev.syrinx.weights;

import dev.syrinx.weights.TorchValue.Storage;
import java.lang.foreign.MemorySegment;

/** Where the elements of an archive's tensors lie. */
interface TorchStorages {
  /**
   * All bytes of a storage, at least as many as it claims.
   *
   * @throws CheckpointException if it is damaged
   */
  MemorySegment bytes(Storage storage);
}
