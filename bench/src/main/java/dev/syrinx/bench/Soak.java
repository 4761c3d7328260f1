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
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Many utterances of all lengths in a row, and the same ones once more: memory that the second time takes more than the first is a leak. The longest comes first, so that what is needed
 * at all is there early.
 *
 * <p>Plans and recordings of lengths are kept and at times dropped, so that memory goes up and down with what was said last. Behind the same utterances it is the same.
 */
public final class Soak {
  /** Readings of the memory each time. */
  private static final int READINGS = 10;

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
   * @param utterances spoken so far, this time
   * @param engineBytes that the engine holds for weights, caches and temporaries
   * @param deviceBytes in use on the whole GPU; 0 without one
   * @param heapBytes of the Java heap in use after a collection
   * @param residentBytes of the process; 0 where the system does not tell
   */
  public record Reading(int utterances, long engineBytes, long deviceBytes, long heapBytes, long residentBytes) {}

  /**
   * Speaks.
   *
   * @param utterances how many; half of them, each twice
   * @param codes most codes of one
   * @return readings of both times, and {@code grew}: what the second time took more, empty if nothing did
   * @throws IllegalArgumentException if there are fewer than 4 utterances
   */
  public Map<String, Object> run(int utterances, int codes, Consumer<String> progress) {
    if (utterances < 4) {
      throw new IllegalArgumentException("two times two utterances are the fewest, got " + utterances);
    }
    IndexTts2 model = IndexTts2.load(new SyntheticModel(dims, 1), new Parameters(backend, switches.precision()), progress);
    long start = System.nanoTime();
    List<Reading> once;
    List<Reading> again;
    try (Engine engine = Engine.of(backend, model, SpeechlessFrontEnd.of(), "random", EngineOptions.defaults().withSwitches(switches).decode())) {
      once = speakAll(engine, utterances / 2, codes, count -> progress.accept(count + " of " + utterances / 2 + " utterances"));
      again = speakAll(engine, utterances / 2, codes, count -> progress.accept(count + " of " + utterances / 2 + " utterances once more"));
    }
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("benchmark", "soak");
    report.put("machine", Fingerprint.of());
    report.put("conditions", "random weights, " + backend.description() + ", " + switches.describe(backend instanceof CudaBackend ? Switches.Target.GPU : Switches.Target.CPU) + ", beams " + beams + ", at most " + codes + " codes");
    report.put("seconds", Samples.round((System.nanoTime() - start) / 1e9));
    report.put("readings", once);
    report.put("readingsOnceMore", again);
    report.put("residentJudged", fixedHeap() ? "yes" : "no: a heap that grows by itself hides it; start Java with -Xms1g -Xmx1g -XX:+AlwaysPreTouch");
    report.put("grew", grew(once, again, fixedHeap()));
    return report;
  }

  /** The same at every call. */
  private List<Reading> speakAll(Engine engine, int utterances, int codes, IntConsumer progress) {
    List<Reading> readings = new ArrayList<>();
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
        progress.accept(i + 1);
      }
    }
    return readings;
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
   * What the second time took more. Of the heap, the median over the readings of the later half counts: the collector does not find all at once.
   *
   * @param once readings of the first time
   * @param again as many behind the same utterances
   */
  static List<String> grew(List<Reading> once, List<Reading> again, boolean resident) {
    Reading first = once.getLast();
    Reading last = again.getLast();
    List<String> grew = new ArrayList<>();
    grown(grew, "engine", first.engineBytes(), last.engineBytes(), 0);
    grown(grew, "device", first.deviceBytes(), last.deviceBytes(), 0);
    long heap = first.heapBytes();
    grown(grew, "heap", heap, heap + moreHeap(once, again), heap / 40 + (1 << 19));
    if (resident) {
      grown(grew, "resident", first.residentBytes(), last.residentBytes(), HOST_SLACK);
    }
    return grew;
  }

  private static long moreHeap(List<Reading> once, List<Reading> again) {
    long[] more = IntStream.range(once.size() / 2, once.size()).mapToLong(i -> again.get(i).heapBytes() - once.get(i).heapBytes()).sorted().toArray();
    return more[more.length / 2];
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
