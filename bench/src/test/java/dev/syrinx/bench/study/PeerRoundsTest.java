package dev.syrinx.bench.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.WavWriter;
import dev.syrinx.bench.peer.Peer;
import dev.syrinx.bench.report.StudyReport;
import dev.syrinx.model.synthetic.SyntheticDims;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Peers that are shell scripts: they take what they say they take. */
@DisabledOnOs(OS.WINDOWS)
final class PeerRoundsTest {
  private static final String PEER = """
      echo '{"peer": "invented", "version": "7"}'
      while read word rest; do
        case "$word $rest" in
          setup\\ decode:*) echo '{"ready": 1}' ; ms=20 ;;
          setup\\ flow:*) FLOW ; ms=300 ;;
          setup*) echo '{"ready": 1}' ; ms=40 ;;
          run*) echo "{\\"ms\\": $ms}" ;;
        esac
      done
      """;
  private static final String YAML = """
      texts: [one]
      text-tokens: 5
      rounds: 1
      processes: 1
      settings: {codes: 6, steps: 2}
      studies:
        flow:
          cells:
            two: {}
      """;

  @TempDir private Path folder;

  private Peer peer(String label, String flow) throws Exception {
    Path script = Files.writeString(folder.resolve(label.replace(' ', '-') + ".sh"), PEER.replace("FLOW", flow));
    return new Peer(label, Path.of("/bin/sh"), List.of(script.toString()), false);
  }

  private List<StudyRecord> run(Part part, List<Peer> peers) throws Exception {
    Path clip = folder.resolve("clip.wav");
    short[] samples = new short[22_050];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) (i * 7919 % 20_000 - 10_000);
    }
    WavWriter.write(clip, samples, 22_050);
    StudyOptions options = new StudyOptions(folder.resolve("study"), part, List.of(clip), 1, 2, "test", peers, Optional.empty());
    StudyProgress silent = new StudyProgress() {
      @Override
      public void stage(String name) {}

      @Override
      public void step(long done, long total) {}

      @Override
      public void note(String line) {}
    };
    return Study.of(Matrix.parse("test", YAML), options, new Study.Device.Cpu(), new Study.Weights.Noise("odd", SyntheticDims.odd()), silent).run();
  }

  private static StudyRecord find(List<StudyRecord> records, String scenario, String cell) {
    return records.stream().filter(r -> r.study().equals("peers") && r.scenario().equals(scenario) && r.cell().equals(cell)).findFirst().orElseThrow();
  }

  @Test
  void stagesAndTheirSumAreRecordsAndWhoDoesNotTakePartSaysWhy() throws Exception {
    List<Peer> peers = List.of(peer("all", "echo '{\"ready\": 1}'"), peer("no flow", "echo '{\"refused\": \"not asked for\"}'"), new Peer("none", Path.of("/nowhere/python"), List.of("x.py"), true));
    Duration time = Duration.ofSeconds(300);
    assertTrue(run(new Part(1, 2, time), peers).isEmpty());
    List<StudyRecord> records = run(new Part(2, 2, time), peers);
    StudyRecord decode = find(records, "decode, 3 beams", "all");
    assertEquals(10, decode.timings().get("total").samples().size());
    assertEquals(2, decode.conditions().processes());
    assertEquals(0.02, decode.timings().get("total").samples().getFirst(), 1e-12);
    assertEquals("invented 7", decode.configuration().switches().get("implementation"));
    // 500 codes of 20 ms, 25 steps of 300 ms, ten vocoder runs of 40 ms each for 86 of 861 frames.
    assertEquals(10 + 7.5 + 861 / 86.0 * 0.04, find(records, "10 s of speech, 1 beam", "all").timings().get("total").samples().getFirst(), 1e-9);
    assertTrue(find(records, "10 s of speech, 1 beam", "Syrinx").timings().get("total").median() > 0);
    assertEquals("not asked for", find(records, "flow step", "no flow").message());
    assertEquals("flow step: not asked for", find(records, "10 s of speech, 3 beams", "no flow").message());
    assertTrue(find(records, "vocoder", "none").message().contains("/nowhere/python"));
    StudyReport.write(folder.resolve("study"));
    String page = Files.readString(folder.resolve("study").resolve(StudyReport.PAGE));
    assertTrue(page.contains("<section id=\"peers\">") && page.contains("Syrinx is times as fast") && page.contains("no flow has no times: not asked for"));
  }
}
