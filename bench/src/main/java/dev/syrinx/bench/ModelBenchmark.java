package dev.syrinx.bench;

import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.Backend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.HostWarmup;
import dev.syrinx.synth.MemoryPlan;
import dev.syrinx.synth.SignalFrontEnd;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Switches;
import dev.syrinx.synth.Voice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The whole engine on random weights of given dimensions: what each stage takes, and what it needs of memory. Random weights time like real
 * ones; what they say is noise.
 */
public final class ModelBenchmark {
  private static final int TEXT_TOKENS = 50;
  private static final int CLIP_SECONDS = 5;

  private final SyntheticDims dims;
  private final Backend backend;
  private final Switches switches;
  private final Switches.Target target;
  private final int beams;

  /**
   * A benchmark.
   *
   * @param backend runs everything; closed when the run is over
   * @param switches those of the GPU are in the backend
   */
  public ModelBenchmark(SyntheticDims dims, Backend backend, Switches switches, Switches.Target target, int beams) {
    this.dims = dims;
    this.backend = backend;
    this.switches = switches;
    this.target = target;
    this.beams = beams;
  }

  /** Runs with each limit of codes; the stop code is drawn like any other, so a run may be shorter and says so. */
  public Map<String, Object> run(int[] lengths, Consumer<String> progress) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "model");
    report.put("machine", Fingerprint.of());
    report.put(
        "conditions",
        "random weights, " + backend.description() + ", " + switches.describe(target) + ", beams " + beams + ", clip " + CLIP_SECONDS + " s, text tokens " + TEXT_TOKENS
            + ", batch 1");
    long start = System.nanoTime();
    IndexTts2 model;
    try (HostWarmup _ = HostWarmup.beside(backend, switches)) { // as an engine does that opens a model folder
      model = IndexTts2.load(new SyntheticModel(dims, 1), new Parameters(backend, switches.precision()), progress);
    }
    report.put("loadSeconds", Samples.round((System.nanoTime() - start) / 1e9));
    try (Engine engine = Engine.of(backend, model, SpeechlessFrontEnd.of(), "random", EngineOptions.defaults().withSwitches(switches).decode())) {
      progress.accept("preparing a voice");
      StageTimes preparing = new StageTimes();
      Voice voice = preparing.time(Stage.VOICE, () -> voice(engine, CLIP_SECONDS));
      report.put("voiceSeconds", Samples.round(preparing.seconds(Stage.VOICE)));
      report.put("runs", runs(engine, voice, lengths, progress));
      report.put("offHeapBytes", engine.reservedBytes());
      if (backend instanceof CudaBackend gpu) {
        gpu.watch().ifPresent(watch -> report.put("userKernels", watch.times()));
        progress.accept("planning memory");
        report.put("gpuMemory", gpuMemory(gpu, IntStream.of(lengths).max().orElse(1)));
      }
    }
    report.put("peakResidentBytes", peakResident());
    return report;
  }

  /** What was planned, beside what the engine held at most and what is in use on the device. */
  private Map<String, Object> gpuMemory(CudaBackend gpu, int codes) {
    RehearsalDriver.Device device = new RehearsalDriver.Device("", 1L << 42, gpu.gpu().multiprocessors(), gpu.gpu().capability(), gpu.gpu().sharedBytes());
    MemoryPlan plan = MemoryPlan.of(SyntheticModel.hollow(dims), switches, device, new MemoryPlan.Speech(CLIP_SECONDS, TEXT_TOKENS, codes, beams));
    Map<String, Object> memory = new LinkedHashMap<>();
    memory.put("plan", plan.rows());
    memory.put("plannedBytes", plan.total());
    memory.put("plannedEngineBytes", plan.engine());
    memory.put("peakEngineBytes", gpu.peakBytes());
    memory.put("deviceBytes", gpu.deviceBytes());
    memory.put("engineToPlan", Samples.round(gpu.peakBytes() / (double) plan.engine()));
    memory.put("deviceToPlan", Samples.round(gpu.deviceBytes() / (double) plan.total()));
    return memory;
  }

  private List<Map<String, Object>> runs(Engine engine, Voice voice, int[] lengths, Consumer<String> progress) {
    List<Map<String, Object>> runs = new ArrayList<>();
    int[] ids = IntStream.range(2, 2 + TEXT_TOKENS).toArray();
    for (int codes : lengths) {
      progress.accept("speaking " + codes + " codes");
      SpeechRequest request = SpeechRequest.of("", voice)
          .seed(1).flow(switches).sampling(SamplingOptions.defaults().withBeams(beams).withMaxTokens(codes)).build();
      SpeechResult made = engine.speakTokens(request, List.of(ids), SpeechListener.NONE);
      Map<String, Object> run = new LinkedHashMap<>();
      run.put("codes", made.codes());
      run.put("audioSeconds", Samples.round(made.seconds()));
      Map<String, Object> stages = new LinkedHashMap<>();
      made.times().nanos().forEach((stage, nanos) -> stages.put(stage.label(), Samples.round(nanos / 1e9)));
      run.put("seconds", stages);
      run.put("totalSeconds", Samples.round(made.times().total()));
      run.put("realTimeFactor", Samples.round(made.realTimeFactor()));
      runs.add(run);
    }
    return runs;
  }

  static Voice voice(Engine engine, int seconds) {
    float[] features = noise(SignalFrontEnd.FEATURE_RATE * seconds);
    return engine.voice("noise", new SpeechAudio.Speaker(noise(engine.sampleRate() * seconds), features), features);
  }

  private static float[] noise(int count) {
    java.util.SplittableRandom random = new java.util.SplittableRandom(count);
    float[] samples = new float[count];
    for (int i = 0; i < count; i++) {
      samples[i] = (float) (random.nextDouble() - 0.5) * 0.4f;
    }
    return samples;
  }

  /** Largest resident size of this process so far, 0 where the system does not tell. */
  static long peakResident() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(l -> l.startsWith("VmHWM")).mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024).findFirst().orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
