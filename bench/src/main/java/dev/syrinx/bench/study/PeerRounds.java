package dev.syrinx.bench.study;

import com.fasterxml.jackson.databind.JsonNode;
import dev.syrinx.bench.peer.Contestant;
import dev.syrinx.bench.peer.Peer;
import dev.syrinx.bench.peer.PeerException;
import dev.syrinx.bench.peer.Rivals;
import dev.syrinx.model.ModelSource;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Switches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Other implementations in the same study: stage by stage in turn with ours, at the dimensions of the study's model. */
final class PeerRounds {
  /** Our side in records. */
  static final String OURS = "Syrinx";

  private static final int ROUNDS = 5;
  private static final int RETRIES = 3;

  /** Rounds of peers are not those of cells: each case has its own. */
  private static final int FIRST_ROUND = 1000;

  /**
   * One timed run.
   *
   * @param contest name of the case
   * @param side label of the peer, or {@link #OURS}
   */
  record Taken(String contest, String side, int process, int round, double seconds, double calibration, double waited) {}

  /** What a side is. */
  record Side(String name, String version) {}

  private final Engines engines;
  private final Gauges gauges;
  private final List<Peer> peers;
  private final List<Taken> taken = new ArrayList<>();
  private final Map<String, Side> sides = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();

  PeerRounds(Engines engines, Gauges gauges, List<Peer> peers) {
    this.engines = engines;
    this.gauges = gauges;
    this.peers = peers;
  }

  private boolean gpu() {
    return engines.place().target() == Switches.Target.GPU;
  }

  /** How our side runs: everything accelerated, halves on a GPU. */
  Setting setting(int threads) {
    return Setting.of(gpu() ? Map.of("precision", "fp16") : Map.of(), engines.place().target(), threads);
  }

  /** What runs our side. */
  Switches.Target target() {
    return engines.place().target();
  }

  /** Number of a round within its case. */
  static int within(int round) {
    return round % FIRST_ROUND;
  }

  /** Cases of the study's model. */
  List<Contestant> contests() {
    try (ModelSource source = engines.model().hollow().get()) {
      return Contestant.of(engines.model(gpu() ? Precision.FP16 : Precision.FP32), source.vocoderConfig(), gpu());
    }
  }

  void recall(JsonNode entry) {
    if (entry.has("taken")) {
      taken.add(Journal.of(entry.path("taken"), Taken.class));
    } else if (entry.has("side")) {
      sides.put(entry.path("label").asText(), Journal.of(entry.path("side"), Side.class));
    } else {
      refused.put(entry.path("label").asText() + "|" + entry.path("contest").asText(), entry.path("message").asText());
    }
  }

  /** Runs all sides of all cases in turn. */
  void run(Journal journal, int process, int threads, StudyProgress progress) {
    if (peers.isEmpty()) {
      return;
    }
    String place = threads + (gpu() ? " cuda float16" : " cpu float32");
    List<Peer> here = peers.stream().filter(p -> process == 1 || !p.once()).toList();
    try (Rivals rivals = new Rivals(here, gpu())) {
      rivals.started().forEach((label, hello) -> told(journal, label, new Side(hello.getFirst(), hello.getLast())));
      rivals.failed().forEach((label, why) -> refuse(journal, label, "", why));
      List<Contestant> contests = contests();
      for (int c = 0; c < contests.size(); c++) {
        Contestant contest = contests.get(c);
        progress.stage("peers: " + contest.name());
        int first = FIRST_ROUND * (c + 1);
        try (Contestant.Side ours = contest.ours().apply(engines.place().user(setting(threads)))) {
          List<String> labels = rivals.prepare(contest, place, ours, (label, why) -> refuse(journal, label, contest.name(), why));
          for (int r = 0; r < ROUNDS; r++) {
            take(journal, contest, OURS, process, first + r, ours::millis);
            for (String label : labels) {
              take(journal, contest, label, process, first + r, () -> rivals.millis(label));
            }
          }
        } catch (PeerException e) {
          refuse(journal, "a peer", contest.name(), e.getMessage());
        }
      }
    }
  }

  private void told(Journal journal, String label, Side side) {
    sides.put(label, side);
    journal.add(Map.of("event", "peer", "label", label, "side", side));
  }

  private void refuse(Journal journal, String label, String contest, String why) {
    refused.put(label + "|" + contest, why);
    journal.add(Map.of("event", "peer", "label", label, "contest", contest, "message", why));
  }

  private void take(Journal journal, Contestant contest, String label, int process, int round, Supplier<Double> run) {
    Gauges.Watched<Double> watched = gauges.watch(run);
    for (int again = 0; again < RETRIES && watched.stalled() > Subject.STALLED; again++) {
      watched = gauges.watch(run);
    }
    Taken one = new Taken(contest.name(), label, process, round, watched.result() / 1e3, watched.calibration(), watched.waited());
    taken.add(one);
    journal.add(Map.of("event", "peer", "taken", one));
  }

  List<Taken> taken() {
    return taken;
  }

  Map<String, Side> sides() {
    return sides;
  }

  /** Why a side has no times of a case; empty if it has. A side that failed as a whole failed in each. */
  String why(String label, String contest) {
    return refused.getOrDefault(label + "|" + contest, refused.getOrDefault(label + "|", "it was not run"));
  }

  List<Peer> peers() {
    return peers;
  }
}
