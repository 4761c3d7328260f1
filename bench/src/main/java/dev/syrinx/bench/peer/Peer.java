package dev.syrinx.bench.peer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another implementation to measure beside ours.
 *
 * @param label in records
 * @param python an interpreter that has what it needs
 * @param arguments script and what it takes
 * @param once whether the first process alone measures it, because it is slow to start
 */
public record Peer(String label, Path python, List<String> arguments, boolean once) {
  /** Ways of running the official implementation. */
  public static final List<String> OFFICIAL = List.of("eager", "compile", "accel");

  /** Copies. */
  public Peer {
    arguments = List.copyOf(arguments);
  }

  /** PyTorch written from the model's shapes: CUDA graphs on a GPU, eager on the CPU. */
  public static Peer pytorch(Path python, Path scripts) {
    return new Peer("PyTorch", python, List.of(scripts.resolve("pytorch.py").toString()), false);
  }

  /**
   * The official implementation, one peer for each way of running it.
   *
   * @param checkout of the official repository
   * @param ways of {@link #OFFICIAL}
   */
  public static List<Peer> official(Path python, Path scripts, Path checkout, List<String> ways) {
    List<Peer> peers = new ArrayList<>();
    for (String way : ways) {
      peers.add(new Peer("official, " + way, python, List.of(scripts.resolve("official.py").toString(), checkout.toString(), way), true));
    }
    return peers;
  }
}
