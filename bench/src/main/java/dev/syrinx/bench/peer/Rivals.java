package dev.syrinx.bench.peer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Peers that run beside each other and beside ours. */
public final class Rivals implements AutoCloseable {
  private static final int WARMUPS = 3;

  /** Our side warms up for at least as long: the JIT compiles the hot methods in stages. On a GPU these are methods that prepare and start work. */
  private static final long WARMUP_NANOS = 3_000_000_000L;

  private static final long GPU_WARMUP_NANOS = 1_000_000_000L;

  private final long warmUpNanos;
  private final Map<String, PeerProcess> running = new LinkedHashMap<>();
  private final Map<String, String> failed = new LinkedHashMap<>();

  /** Starts all that can be started. */
  public Rivals(List<Peer> peers, boolean gpu) {
    warmUpNanos = gpu ? GPU_WARMUP_NANOS : WARMUP_NANOS;
    for (Peer peer : peers) {
      try {
        running.put(peer.label(), new PeerProcess(peer.python(), peer.arguments()));
      } catch (PeerException e) {
        failed.put(peer.label(), e.getMessage());
      }
    }
  }

  /** Name and version of those that run, by label. */
  public Map<String, List<String>> started() {
    Map<String, List<String>> names = new LinkedHashMap<>();
    running.forEach((label, p) -> names.put(label, List.of(p.name(), p.version())));
    return names;
  }

  /** Why others do not, by label. */
  public Map<String, String> failed() {
    return failed;
  }

  /**
   * Prepares a case on all sides and warms them up.
   *
   * @param place threads, device and type, in the peers' words
   * @param refused is told who does not take part, and why
   * @return labels of those that do
   */
  public List<String> prepare(Contestant contest, String place, Contestant.Side ours, BiConsumer<String, String> refused) {
    List<String> ready = new ArrayList<>();
    running.forEach((label, peer) -> {
      try {
        peer.setup(contest.peerCase(), place);
        for (int i = 0; i < WARMUPS; i++) {
          peer.run();
        }
        ready.add(label);
      } catch (PeerException e) {
        refused.accept(label, e.getMessage());
      }
    });
    long start = System.nanoTime();
    for (int i = 0; i < WARMUPS || System.nanoTime() - start < warmUpNanos; i++) {
      ours.millis();
    }
    return ready;
  }

  /** Milliseconds of one run of a side that is prepared. */
  public double millis(String label) {
    return running.get(label).run();
  }

  @Override
  public void close() {
    running.values().forEach(PeerProcess::close);
  }
}
