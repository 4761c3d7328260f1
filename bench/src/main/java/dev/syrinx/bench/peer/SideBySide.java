package dev.syrinx.bench.peer;

import dev.syrinx.bench.Fingerprint;
import dev.syrinx.bench.Samples;
import dev.syrinx.nn.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Syrinx and PyTorch in turn, on one machine, with as many threads, on the same shapes: a ratio, not two numbers from two days. */
public final class SideBySide {
  private static final int WARMUPS = 3;

  /** Our side warms up for at least as long: the JIT compiles the hot methods in stages, under each case's own profile. */
  private static final long WARMUP_NANOS = 12_000_000_000L;

  /** One case. */
  private record Entry(String name, String peerCase, String conditions, double target, Supplier<OurSide> ours) {}

  private final Path python;
  private final Path script;
  private final int threads;
  private final int rounds;

  /**
   * @param python an interpreter that has torch
   * @param script {@code bench/peers/pytorch_cpu.py}
   * @param rounds timed runs of each side per case
   */
  public SideBySide(Path python, Path script, int threads, int rounds) {
    this.python = python;
    this.script = script;
    this.threads = threads;
    this.rounds = rounds;
  }

  private List<Entry> entries() {
    List<Entry> list = new ArrayList<>();
    int[][] shapes = {{640, 3840, 1280}, {640, 5120, 1280}, {749, 4096, 1024}, {2582, 1536, 512}, {2582, 512, 1536}};
    for (int[] s : shapes) {
      String name = "gemm " + s[0] + "x" + s[1] + "x" + s[2];
      list.add(
          new Entry(name, "gemm:%d,%d,%d".formatted(s[0], s[1], s[2]), "fp32, bias", 1.0, () -> OurSide.gemm(threads, s[0], s[1], s[2])));
    }
    String decode = "batch 1, 1 beam, context 340, 24 layers of 1280; peer fp32";
    list.add(new Entry("decode fp32", "decode:340", decode, 1.5, () -> OurSide.decode(threads, Precision.FP32, 340)));
    list.add(
        new Entry("decode int8", "decode:340", decode + ", ours int8 weights", 3.0, () -> OurSide.decode(threads, Precision.INT8, 340)));
    list.add(new Entry(
        "flow step", "flow:1291,430", "fp32, T 1291 (430 of them prompt), cfg 0.7 as batch 2", 0.9, () -> OurSide.flow(threads, 430, 861)));
    list.add(new Entry("vocoder", "vocoder:86", "fp32, BigVGAN, 86 frames, batch 1", 0.9, () -> OurSide.vocoder(threads, 86)));
    return list;
  }

  /** Runs all cases whose name contains {@code filter}. */
  public Map<String, Object> run(String filter, Consumer<String> progress) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "side by side with PyTorch on the CPU");
    report.put("machine", Fingerprint.of());
    report.put("threads", threads);
    List<Map<String, Object>> results = new ArrayList<>();
    try (PyTorchPeer peer = new PyTorchPeer(python, script)) {
      report.put("peer", "PyTorch " + peer.version() + ", eager, float32");
      for (Entry entry : entries()) {
        if (entry.name().contains(filter)) {
          progress.accept(entry.name());
          results.add(contest(entry, peer).json());
        }
      }
    }
    report.put("cases", results);
    return report;
  }

  private Contest contest(Entry entry, PyTorchPeer peer) {
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    peer.setup(entry.peerCase(), threads);
    try (OurSide side = entry.ours().get()) {
      long start = System.nanoTime();
      for (int i = 0; i < WARMUPS || System.nanoTime() - start < WARMUP_NANOS; i++) {
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
