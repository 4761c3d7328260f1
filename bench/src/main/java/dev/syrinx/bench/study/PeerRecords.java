package dev.syrinx.bench.study;

import dev.syrinx.bench.peer.Contestant;
import dev.syrinx.bench.peer.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Records of peers: a scenario for each stage, and one for ten seconds of speech, which is the sum of its stages round by round. */
final class PeerRecords {
  /** Name of the study. */
  static final String STUDY = "peers";

  private static final int SUM_ROUND = 100_000;

  /** Makes a record of what was timed; without runs one that says why. */
  interface Maker {
    StudyRecord make(
        String scenario, String cell, String baseline, Map<String, String> switches, int beams, List<StudyRecord.Run> runs, List<Double> total, String why);
  }

  private final PeerRounds rounds;
  private final Maker maker;

  PeerRecords(PeerRounds rounds, Maker maker) {
    this.rounds = rounds;
    this.maker = maker;
  }

  List<StudyRecord> all(int threads) {
    List<StudyRecord> records = new ArrayList<>();
    List<Contestant> contests = rounds.contests();
    List<String> labels = new ArrayList<>(List.of(PeerRounds.OURS));
    rounds.peers().stream().map(Peer::label).forEach(labels::add);
    String baseline = labels.get(1);
    for (Contestant contest : contests) {
      for (String label : labels) {
        List<PeerRounds.Taken> own = rounds.taken().stream().filter(t -> t.contest().equals(contest.name()) && t.side().equals(label)).toList();
        records.add(maker.make(
            contest.name(), label, baseline, switches(label, contest.conditions(), threads), contest.beams(), own.stream().map(PeerRecords::run).toList(),
            own.stream().map(PeerRounds.Taken::seconds).toList(), rounds.why(label, contest.name())));
      }
    }
    contests.stream().filter(c -> c.beams() > 0).forEach(decoding -> labels.forEach(label -> records.add(sum(contests, decoding, label, baseline, threads))));
    return records;
  }

  private StudyRecord sum(List<Contestant> contests, Contestant decoding, String label, String baseline, int threads) {
    List<Contestant> parts = contests.stream().filter(c -> c.beams() == 0 || c == decoding).toList();
    Map<List<Integer>, List<PeerRounds.Taken>> byRound = new LinkedHashMap<>();
    rounds.taken().stream().filter(t -> t.side().equals(label))
        .forEach(t -> byRound.computeIfAbsent(List.of(t.process(), PeerRounds.within(t.round())), k -> new ArrayList<>()).add(t));
    List<StudyRecord.Run> runs = new ArrayList<>();
    List<Double> total = new ArrayList<>();
    byRound.forEach((key, taken) -> {
      List<Optional<PeerRounds.Taken>> found = parts.stream().map(p -> taken.stream().filter(t -> t.contest().equals(p.name())).findFirst()).toList();
      if (found.stream().allMatch(Optional::isPresent)) {
        double seconds = 0;
        double calibration = 0;
        double waited = 0;
        for (int i = 0; i < parts.size(); i++) {
          PeerRounds.Taken t = found.get(i).orElseThrow();
          seconds += parts.get(i).perUtterance() * t.seconds();
          calibration = Math.max(calibration, t.calibration());
          waited = Math.max(waited, t.waited());
        }
        total.add(seconds);
        runs.add(new StudyRecord.Run(key.getFirst(), SUM_ROUND + key.getLast(), calibration, waited));
      }
    });
    String name = "10 s of speech, " + decoding.beams() + (decoding.beams() == 1 ? " beam" : " beams");
    String conditions = Contestant.CODES + " steps of decoding, 25 of the flow, the vocoder: the sum of the stages above";
    String why = parts.stream().filter(p -> rounds.taken().stream().noneMatch(t -> t.side().equals(label) && t.contest().equals(p.name()))).findFirst()
        .map(p -> p.name() + ": " + rounds.why(label, p.name())).orElse("it was not run");
    return maker.make(name, label, baseline, switches(label, conditions, threads), decoding.beams(), runs, total, why);
  }

  private Map<String, String> switches(String label, String conditions, int threads) {
    Map<String, String> words = new LinkedHashMap<>();
    if (label.equals(PeerRounds.OURS)) {
      words.putAll(rounds.setting(threads).words(rounds.target()));
    } else {
      PeerRounds.Side side = rounds.sides().getOrDefault(label, new PeerRounds.Side(label, ""));
      words.put("implementation", (side.name() + " " + side.version()).strip());
    }
    words.put("case", conditions);
    return words;
  }

  private static StudyRecord.Run run(PeerRounds.Taken t) {
    return new StudyRecord.Run(t.process(), t.round(), t.calibration(), t.waited());
  }
}
