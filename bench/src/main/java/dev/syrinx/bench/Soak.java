package dev.syrinx.bench;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.Switches;
import dev.syrinx.synth.Voice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Many utterances of all lengths in a row: memory that grows with them is a leak. The longest comes first, so that what is needed at all is there early. */
public final class Soak {
  /** Readings of the memory. */
  private static final int READINGS = 20;

  /** Compiled code and the collector's own tables go on growing for a while; a fixed heap that is touched at the start does not. */
  private static final long HOST_SLACK = 24L << 20;

  private static final int MOST_TEXT = 60;
  private static final int MOST_CLIP = 5;

  private final SyntheticDims dims;
  private final Backend backend;
  private final Switches switches;
  private final int beams;

  /** @param backend runs everything; closed when the run is over */
  public Soak(SyntheticDims dims, Backend backend, Switches switches, int beams) {
    this.dims = dims;
    this.backend = backend;
    this.switches = switches;
    this.beams = beams;
  }

  /**
   * Memory at one moment.
   *
   * @param utterances spoken so far
   * @param engineBytes that the engine holds for weights, caches and temporaries
   * @param deviceBytes in use on the whole GPU; 0 without one
   * @param heapBytes of the Java heap in use after a collection
   * @param residentBytes of the process; 0 where the system does not tell
   */
  public record Reading(int utterances, long engineBytes, long deviceBytes, long heapBytes, long residentBytes) {}

  /**
   * Speaks.
   *
   * @param utterances how many
   * @param codes most codes of one
   * @return readings, and {@code grew}: what grew between the first third and the end, empty if nothing did
   */
  public Map<String, Object> run(int utterances, int codes, Consumer<String> progress) {
    IndexTts2 model = IndexTts2.load(new SyntheticModel(dims, 1), new Parameters(backend, switches.precision()), progress);
    List<Reading> readings = new ArrayList<>();
    long start = System.nanoTime();
    try (Engine engine = Engine.of(backend, model, SpeechlessFrontEnd.of(), "random", EngineOptions.defaults().withSwitches(switches).decode())) {
      SplittableRandom random = new SplittableRandom(7);
      Voice voice = ModelBenchmark.voice(engine, MOST_CLIP);
      int every = Math.max(1, utterances / READINGS);
      for (int i = 0; i < utterances; i++) {
        if (i > 0 && i % 10 == 0) {
          voice = ModelBenchmark.voice(engine, 1 + random.nextInt(MOST_CLIP));
        }
        boolean longest = i == 0;
        speak(engine, voice, i, longest ? MOST_TEXT : 1 + random.nextInt(MOST_TEXT), longest ? codes : 1 + random.nextInt(codes));
        if ((i + 1) % every == 0 || i + 1 == utterances) {
          readings.add(reading(i + 1));
          progress.accept(i + 1 + " of " + utterances + " utterances");
        }
      }
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "soak");
    report.put("machine", Fingerprint.of());
    report.put("conditions", "random weights, " + backend.description() + ", " + switches.describe(backend instanceof CudaBackend ? Switches.Target.GPU : Switches.Target.CPU) + ", beams " + beams + ", at most " + codes + " codes");
    report.put("seconds", Samples.round((System.nanoTime() - start) / 1e9));
    report.put("readings", readings);
    report.put("residentJudged", fixedHeap() ? "yes" : "no: a heap that grows by itself hides it; start Java with -Xms1g -Xmx1g -XX:+AlwaysPreTouch");
    report.put("grew", grew(readings, fixedHeap()));
    return report;
  }

  private void speak(Engine engine, Voice voice, int seed, int text, int codes) {
    SpeechRequest request =
        SpeechRequest.of("", voice).seed(seed).flow(switches).sampling(SamplingOptions.defaults().withBeams(beams).withMaxTokens(codes)).build();
    engine.speakTokens(request, List.of(IntStream.range(2, 2 + text).toArray()), SpeechListener.NONE);
  }

  private Reading reading(int utterances) {
    System.gc();
    Runtime java = Runtime.getRuntime();
    long device = backend instanceof CudaBackend gpu ? gpu.deviceBytes() : 0;
    return new Reading(utterances, backend.reservedBytes(), device, java.totalMemory() - java.freeMemory(), resident());
  }

  /**
   * What grew between the first third of the readings and the last one. Of the heap, the least around that third and the least of the last third count: plans and
   * recordings of lengths are kept and at times dropped, so that it goes up and down by a third, and a single reading says where in that it was taken.
   */
  static List<String> grew(List<Reading> readings, boolean resident) {
    int count = readings.size();
    long earlyHeap = leastHeap(readings.subList(Math.max(1, count / 6), count / 2));
    long lastHeap = leastHeap(readings.subList(count - Math.ceilDiv(count, 3), count));
    Reading early = readings.get(count / 3);
    Reading last = readings.getLast();
    List<String> grew = new ArrayList<>();
    grown(grew, "engine", early.engineBytes(), last.engineBytes(), 0);
    grown(grew, "device", early.deviceBytes(), last.deviceBytes(), 0);
    grown(grew, "heap", earlyHeap, lastHeap, earlyHeap / 20 + (1 << 19));
    if (resident) {
      grown(grew, "resident", early.residentBytes(), last.residentBytes(), HOST_SLACK);
    }
    return grew;
  }

  private static long leastHeap(List<Reading> readings) {
    return readings.stream().mapToLong(Reading::heapBytes).min().orElseThrow();
  }

  private static boolean fixedHeap() {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return heap.getInit() == heap.getMax();
  }

  private static void grown(List<String> to, String what, long from, long until, long slack) {
    if (until > from + slack) {
      to.add(what + " from " + from + " to " + until + " bytes");
    }
  }

  private static long resident() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines.filter(l -> l.startsWith("VmRSS")).mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")) * 1024).findFirst().orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
