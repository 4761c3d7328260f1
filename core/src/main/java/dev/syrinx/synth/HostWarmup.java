package dev.syrinx.synth;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Speaks on a device that computes nothing while a model is loaded to a real one, so that Java has compiled what the host does for a GPU when the first sentence comes: before that,
 * it takes several times as long and the GPU waits for it. Which kernels a sentence takes is known then, too: they are loaded before it.
 */
public final class HostWarmup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostWarmup.class);

  /** After so many sentences nothing gets faster. */
  private static final int ROUNDS = 60;

  private static final int CODES = 240;

  private final Optional<CudaBackend> device;
  private final Thread thread;
  private volatile boolean closed;
  private volatile int rounds;
  private volatile Map<String, Set<String>> kernels = Map.of();

  private HostWarmup(Optional<CudaBackend> device, Switches switches) {
    this.device = device;
    thread = new Thread(() -> run(switches), "syrinx-host-warmup");
  }

  /**
   * Begins in the background; does nothing where the backend is no real GPU.
   *
   * @param backend what a model is being loaded to
   * @param switches those of the engine that it is loaded for
   */
  public static HostWarmup beside(Backend backend, Switches switches) {
    HostWarmup made = new HostWarmup(backend instanceof CudaBackend gpu && !gpu.rehearsal() ? Optional.of(gpu) : Optional.empty(), switches);
    if (made.device.isPresent()) {
      made.thread.setDaemon(true);
      made.thread.start();
    }
    return made;
  }

  /** As many calls in a sentence as the official model makes, and hardly any numbers. */
  private static SyntheticDims dims() {
    SyntheticDims odd = SyntheticDims.odd();
    return new SyntheticDims(
        odd.width(), odd.codes(), new SyntheticDims.Gpt(odd.gpt().dim(), 24, odd.gpt().heads(), 512, 64, 400), odd.speaker(), odd.emotion(), odd.w2v(), odd.codec(), odd.cam(),
        new SyntheticDims.Flow(80, 64, 2, 13, 36, List.of(20, 12), 256, 64, 8, 5),
        new SyntheticDims.Vocoder(384, List.of(4, 4, 2, 2, 2, 2), List.of(8, 8, 4, 4, 4, 4), List.of(3, 7, 11)), odd.emo());
  }

  private void run(Switches switches) {
    try (RehearsalDriver driver = new RehearsalDriver(RehearsalDriver.Device.H100)) {
      CudaBackend backend = CudaBackend.rehearse(driver, switches.cuda(CudaOptions.of(0)));
      IndexTts2 model = IndexTts2.load(SyntheticModel.hollow(dims()), new Parameters(backend, switches.precision()), name -> {});
      try (Engine engine = Engine.of(backend, model, MemoryPlan.noText(), "warm-up", EngineOptions.defaults().withSwitches(switches).decode())) {
        Voice voice = MemoryPlan.voice(engine, 1);
        for (int i = 0; i < ROUNDS && !closed; i++) {
          speak(engine, voice, switches, i);
          kernels = backend.loaded();
          rounds = i + 1;
        }
      }
    } catch (RuntimeException e) { // what concerns the engine, it will say better
      LOG.debug("the host's warm-up ended early", e);
    }
  }

  /** Lengths differ, so that every sentence is recorded anew. */
  private static void speak(Engine engine, Voice voice, Switches switches, int round) {
    SamplingOptions sampling = SamplingOptions.defaults().withBeams(1).withMaxTokens(CODES + round);
    SpeechRequest request = SpeechRequest.of("", voice).flow(switches).sampling(sampling).build();
    engine.speakTokens(request, List.of(IntStream.range(2, 34 + round % 8).toArray()), SpeechListener.NONE);
  }

  /** Sentences so far. */
  int rounds() {
    return rounds;
  }

  boolean running() {
    return thread.isAlive();
  }

  /** Ends it with the sentence in progress, which is not waited for, and loads the kernels that were used to the device. */
  @Override
  public void close() {
    closed = true;
    device.ifPresent(gpu -> gpu.load(kernels));
  }
}
