package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.decode.CodeRequest;
import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.decode.Decoder;
import dev.syrinx.decode.NoiseSource;
import dev.syrinx.decode.Pending;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.kernels.KernelCatalog;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.gpt.TinyGpt;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.FrontEnds;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Voice;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.View;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.testdata.TestData;
import dev.syrinx.verify.Check;
import dev.syrinx.verify.KernelCheck;
import dev.syrinx.verify.KernelCheckDevice;
import dev.syrinx.verify.KernelCheckOutcome;
import dev.syrinx.verify.Verifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything through device addresses and launches: what touches device memory from the host fails here. */
final class FakeGpuModelTest {
  @TempDir private Path folder;

  @Test
  void everyKernelGetsItsParameters() throws Exception {
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0))) {
      KernelCheck.Report report = new KernelCheck(new KernelCheckDevice(backend), outcome -> {}).run(KernelCatalog.ALL);
      List<KernelCheckOutcome> failed = report.outcomes().stream().filter(outcome -> !outcome.passed()).toList();
      assertEquals(List.of(), failed);
      assertTrue(report.outcomes().size() >= KernelCatalog.ALL.size());
    }
  }

  /** The driver has no room, or the engine's own limit is reached: in both cases the same request is served when there is room again, and gives what it gives elsewhere. */
  @Test
  void anEngineThatRanOutOfMemorySpeaksOn() throws Exception {
    Path model = TestData.folder(TestData.TINY_A);
    float[] expected;
    long peak;
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0).withFusion(false)); Engine engine = Engine.open(model, backend, EngineOptions.defaults())) {
      expected = speak(engine).scaled();
      peak = backend.peakBytes();
    }
    long needed = peak;
    for (String[] macros : new String[][] {{}, {"MEMORY=((size_t)" + needed + ")"}}) {
      CudaOptions options = CudaOptions.of(0).withFusion(false).withMemory(macros.length == 0 ? needed : Long.MAX_VALUE);
      try (CudaBackend backend = FakeGpu.build(Files.createTempDirectory(folder, "driver"), macros).open(options); Engine engine = Engine.open(model, backend, EngineOptions.defaults())) {
        try (var _ = backend.scope()) {
          backend.temporary(needed - backend.reservedBytes() - (1 << 20)); // somebody holds what a request needs
          DeviceOutOfMemoryException e = assertThrows(DeviceOutOfMemoryException.class, () -> speak(engine));
          assertTrue(e.getMessage().contains("smaller precision"), e.getMessage());
        }
        assertArrayEquals(expected, speak(engine).scaled());
        assertTrue(backend.peakBytes() <= needed);
      }
    }
  }

  private static SpeechResult speak(Engine engine) {
    float[] clip = new float[16_000];
    for (int i = 0; i < clip.length; i++) {
      clip[i] = (i * 7919 % 1000 - 500) / 2000f;
    }
    Voice voice = engine.voice("test", new SpeechAudio.Speaker(clip, clip), clip);
    SamplingOptions sampling = SamplingOptions.defaults().withBeams(1).withMaxTokens(8);
    return engine.speakTokens(SpeechRequest.of("", voice).steps(2).sampling(sampling).build(), List.of(new int[] {3, 4, 5}), SpeechListener.NONE);
  }

  /** Beams and a batch: recordings, looks at what has ended, blocks that are copied. */
  @Test
  void requestsDecodeTogetherOnADevice() throws Exception {
    SamplingOptions plain = SamplingOptions.defaults().withBeams(1).withMaxTokens(12);
    List<SamplingOptions> wishes = List.of(plain, plain.withBeams(3), plain.withGreedy(true));
    List<int[]> expected = new ArrayList<>();
    try (TinyGpt host = new TinyGpt(new CpuBackend(1, false), 0)) {
      wishes.forEach(options -> expected.add(codes(host, DecodeOptions.defaults(), List.of(options)).getFirst()));
    }
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0)); TinyGpt device = new TinyGpt(backend, 0)) {
      List<int[]> got = codes(device, DecodeOptions.defaults().withSequences(3), wishes);
      for (int i = 0; i < wishes.size(); i++) {
        assertArrayEquals(expected.get(i), got.get(i), wishes.get(i).toString());
      }
    }
  }

  /** Two ways of using a device, in turn, over the same weights: each says what it says alone, and gives its memory back. */
  @Test
  void anotherWayBesideTheFirstUsesItsWeights() throws Exception {
    Path model = TestData.folder(TestData.TINY_A);
    try (CudaBackend first = FakeGpu.build(folder).open(CudaOptions.of(0).withFusion(false)); ModelFolder source = new ModelFolder(model)) {
      IndexTts2 loaded = IndexTts2.load(source, new Parameters(first, Precision.FP32), name -> {});
      float[] expected;
      try (CudaBackend alone = FakeGpu.build(Files.createTempDirectory(folder, "alone")).open(CudaOptions.of(0).withFusion(false));
          Engine engine = Engine.open(model, alone, EngineOptions.defaults())) {
        expected = speak(engine).scaled();
      }
      long before = first.usedBytes();
      first.forgetUse();
      for (CudaOptions options : List.of(CudaOptions.of(0).withFusion(false).withGraphs(false), CudaOptions.of(0).withFusion(false))) {
        CudaBackend beside = first.beside(options);
        try (Engine engine = Engine.of(beside, loaded, FrontEnds.of(source.files()), "test")) {
          assertArrayEquals(expected, speak(engine).scaled());
          assertTrue(first.usedBytes() > before);
          assertArrayEquals(expected, speak(engine).scaled(), "the same again, with what the first request left");
        }
        assertEquals(before, first.usedBytes());
      }
      assertTrue(first.mostUsedBytes() > before && first.mostUsedBytes() <= first.peakBytes());
    }
  }

  @Test
  void aRecordingIsTimedWhileItIsOpen() throws Exception {
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0)); CudaBackend other = backend.beside(CudaOptions.of(0))) {
      Ops ops = new Ops(backend, Taps.NONE);
      try (var _ = ops.scope()) {
        Tensor x = ops.zeros(1, 8);
        Replay replay = backend.capture(() -> ops.combineInto(1f, x, 1f, x, x));
        assertTrue(backend.micros(replay, 3).isPresent());
        assertTrue(other.micros(replay, 3).isEmpty(), "it is another's");
        replay.close();
        assertTrue(backend.micros(replay, 3).isEmpty());
      }
    }
  }

  @Test
  void aDeviceGoesWithTheLastOfItsBackends() throws Exception {
    CudaBackend first = FakeGpu.build(folder).open(CudaOptions.of(0).withMemory(64L << 20));
    try (CudaBackend other = first.beside(CudaOptions.of(0).withGraphs(false))) {
      Ops ops = new Ops(other, Taps.NONE);
      Tensor x = Tensor.of(View.of(other.allocate(32), DType.F32, 1, 8));
      ops.uploadInto(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, x);
      assertThrows(DeviceOutOfMemoryException.class, () -> first.allocate(65L << 20));
      try (Replay replay = other.capture(() -> ops.combineInto(1f, x, 1f, x, x))) {
        replay.run();
        first.close();
        replay.run();
      }
      assertArrayEquals(new float[] {4, 8, 12, 16, 20, 24, 28, 32}, ops.download(x));
    }
  }

  private static List<int[]> codes(TinyGpt tiny, DecodeOptions options, List<SamplingOptions> wishes) {
    float[] speaker = tiny.ops.download(tiny.speaker());
    float[] emotion = tiny.ops.download(tiny.emotion());
    int rows = speaker.length / tiny.gpt().width();
    Ops ops = new Ops(tiny.backend, Taps.NONE); // taps look at host memory
    try (Decoder decoder = new Decoder(ops, tiny.gpt(), options, new ReentrantLock(true))) {
      List<Pending> pending = wishes.stream()
          .map(wish -> decoder.submit(new CodeRequest(speaker, rows, emotion, tiny.text(), wish, new NoiseSource.Seeded(3, 1), CodeRequest.Progress.NONE))).toList();
      List<int[]> said = pending.stream().map(one -> decoder.await(one).codes()).toList();
      pending.forEach(decoder::release);
      return said;
    }
  }

  @Test
  void theWholeModelRunsOnADevice() throws Exception {
    Path golden = TestData.folder(TestData.TINY_A);
    try (CudaBackend backend = FakeGpu.build(folder).open(CudaOptions.of(0).withFusion(false))) {
      Verifier.Report report = Verifier.verify(golden, golden.resolve("golden"), backend, name -> {});
      assertEquals(List.of(), report.checks().stream().filter(check -> !check.passed()).map(Check::toString).toList());
    }
  }
}
