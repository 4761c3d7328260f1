package dev.syrinx.bench.peer;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.bench.Fingerprint;
import dev.syrinx.bench.Samples;
import dev.syrinx.nn.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Syrinx and PyTorch in turn, on one machine and device, on the same shapes: a ratio, not two numbers from two days. */
public final class SideBySide {
  private static final int WARMUPS = 3;

  /** Our side warms up for at least as long: the JIT compiles the hot methods in stages, under each case's own profile. */
  private static final long WARMUP_NANOS = 12_000_000_000L;

  /** On a GPU these are methods that prepare and start work. */
  private static final long GPU_WARMUP_NANOS = 3_000_000_000L;

  /**
   * One case.
   *
   * @param peerCase what the peer is told to set up
   * @param target how many times faster we want to be
   */
  private record Entry(String name, String peerCase, String conditions, double target, Function<Backend, OurSide> ours) {}

  /**
   * What both sides run on.
   *
   * @param words of the peer: device and type
   * @param peer in words
   * @param backend a new one for each case
   */
  private record Place(String words, String peer, long warmUpNanos, Supplier<Backend> backend, List<Entry> entries) {}

  private final Path python;
  private final Path script;
  private final int threads;
  private final int rounds;
  private final Place place;

  private SideBySide(Path python, Path script, int threads, int rounds, Place place) {
    this.python = python;
    this.script = script;
    this.threads = threads;
    this.rounds = rounds;
    this.place = place;
  }

  /**
   * Both on the CPU, with as many threads, in float32.
   *
   * @param python an interpreter that has torch
   * @param script {@code bench/peers/pytorch.py}
   * @param rounds timed runs of each side per case
   */
  public static SideBySide cpu(Path python, Path script, int threads, int rounds) {
    return new SideBySide(
        python, script, threads, rounds, new Place("cpu float32", "eager, float32", WARMUP_NANOS, () -> new CpuBackend(threads, false), cpuEntries()));
  }

  /** Both on a GPU, in half precision, the peer as CUDA graphs: its best that needs no compiler. */
  public static SideBySide gpu(Path python, Path script, int rounds, Supplier<Backend> backend) {
    return new SideBySide(python, script, 1, rounds, new Place("cuda float16", "CUDA graphs, float16", GPU_WARMUP_NANOS, backend, gpuEntries()));
  }

  private static List<Entry> cpuEntries() {
    List<Entry> list = new ArrayList<>();
    int[][] shapes = {{640, 3840, 1280}, {640, 5120, 1280}, {749, 4096, 1024}, {2582, 1536, 512}, {2582, 512, 1536}};
    for (int[] s : shapes) {
      String name = "gemm " + s[0] + "x" + s[1] + "x" + s[2];
      list.add(new Entry(name, "gemm:%d,%d,%d".formatted(s[0], s[1], s[2]), "fp32, bias", 1.0, backend -> OurSide.gemm(backend, s[0], s[1], s[2])));
    }
    String decode = "batch 1, 1 beam, context 340, 24 layers of 1280; peer fp32";
    list.add(new Entry("decode fp32", "decode:340", decode, 1.5, backend -> OurSide.decode(backend, OurSide.Official.gpt(backend, Precision.FP32), 340, 1, 9)));
    list.add(new Entry("decode int8", "decode:340", decode + ", ours int8 weights", 3.0, backend -> OurSide.decode(backend, OurSide.Official.gpt(backend, Precision.INT8), 340, 1, 9)));
    list.add(new Entry(
        "flow step", "flow:1291,430", "fp32, T 1291 (430 of them prompt), cfg 0.7 as batch 2, 1 of 2 steps", 0.9,
        backend -> OurSide.flow(backend, OurSide.Official.flow(backend, Precision.FP32), OurSide.Official.config(), 430, 861, 2)));
    list.add(new Entry("vocoder", "vocoder:86", "fp32, BigVGAN, 86 frames, batch 1", 0.9, backend -> OurSide.vocoder(backend, OurSide.Official.vocoder(backend, Precision.FP32), 80, 86)));
    return list;
  }

  private static List<Entry> gpuEntries() {
    String decode = "fp16, batch 1, 24 layers of 1280, 500 codes from context 90 to 590; ours the mean of a request's codes, choice of the code and all that a request does between steps included, the peer's pass alone at 340";
    return List.of(
        new Entry("decode 1 beam", "decode:340,1", decode, 2.45, backend -> OurSide.decode(backend, OurSide.Official.gpt(backend, Precision.FP16), 340, 1, 500)),
        new Entry("decode 3 beams", "decode:340,3", decode, 2.25, backend -> OurSide.decode(backend, OurSide.Official.gpt(backend, Precision.FP16), 340, 3, 500)),
        new Entry(
            "flow step", "flow:1291,430", "fp16, T 1291 (430 of them prompt), cfg 0.7 as batch 2, 1 of 25 steps; ours recorded beforehand, as in speech, where that is done while codes are decoded", 4,
            backend -> OurSide.flow(backend, OurSide.Official.flow(backend, Precision.FP16), OurSide.Official.config(), 430, 861, 25)),
        new Entry("vocoder", "vocoder:861", "fp16, BigVGAN, 861 frames, batch 1", 9, backend -> OurSide.vocoder(backend, OurSide.Official.vocoder(backend, Precision.FP16), 80, 861)),
        new Entry(
            "voice", "semantic:499", "fp16, a recording of 10 s at 24 kHz; ours all from the file to the voice, the peer w2v-BERT alone, 17 layers, once (a voice needs it twice)", 1,
            backend -> OurSide.voice(backend, Precision.FP16, 10)));
  }

  /** Runs all cases whose name contains {@code filter}. */
  public Map<String, Object> run(String filter, Consumer<String> progress) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "side by side with PyTorch");
    report.put("machine", Fingerprint.of());
    report.put("threads", threads);
    List<Map<String, Object>> results = new ArrayList<>();
    try (PeerProcess peer = new PeerProcess(python, List.of(script.toString()))) {
      report.put("peer", "PyTorch " + peer.version() + ", " + place.peer());
      for (Entry entry : place.entries()) {
        if (entry.name().contains(filter)) {
          progress.accept(entry.name());
          results.add(contest(entry, peer, report).json());
        }
      }
    }
    report.put("cases", results);
    return report;
  }

  private Contest contest(Entry entry, PeerProcess peer, Map<String, Object> report) {
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    peer.setup(entry.peerCase(), threads + " " + place.words());
    try (OurSide side = entry.ours().apply(place.backend().get())) {
      report.put("device", side.backend.description());
      long start = System.nanoTime();
      for (int i = 0; i < WARMUPS || System.nanoTime() - start < place.warmUpNanos(); i++) {
        side.run();
      }
      for (int i = 0; i < WARMUPS; i++) {
        peer.run();
      }
      for (int i = 0; i < rounds; i++) {
        ours[i] = side.run();
        theirs[i] = peer.run();
      }
    }
    return new Contest(entry.name(), entry.conditions(), new Samples(ours), new Samples(theirs), entry.target());
  }
}
