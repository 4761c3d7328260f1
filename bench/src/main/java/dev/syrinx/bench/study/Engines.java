package dev.syrinx.bench.study;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.bench.SpeechlessFrontEnd;
import dev.syrinx.ffi.cuda.ContextLostException;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelSource;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.Switches;
import dev.syrinx.synth.Voice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Engines of all cells, over one copy of the weights for each precision. Whatever two cells can share, they share. */
final class Engines implements AutoCloseable {
  /** Weights of a precision. */
  private record Weights(IndexTts2 model, long bytes) {}

  /** An engine, the backend under it, and what it holds of the device. */
  static final class Open {
    private final Engine engine;
    private final CountingBackend backend;
    private final Backend user;
    private final long weights;
    private long held;
    private long most;

    private Open(Engine engine, CountingBackend backend, Backend user, long weights) {
      this.engine = engine;
      this.backend = backend;
      this.user = user;
      this.weights = weights;
    }

    Engine engine() {
      return engine;
    }

    CountingBackend backend() {
      return backend;
    }

    /** What is under the counting. */
    Backend user() {
      return user;
    }

    /** Bytes of the weights that it uses, perhaps with others. */
    long weights() {
      return weights;
    }

    /** Most bytes that this engine had beside its weights in what was run last with {@link #run}. */
    long most() {
      return most;
    }

    /** Runs something on this engine and on no other: engines of a device share its memory, and whose it is, is known by who runs. */
    <T> T run(Supplier<T> work) {
      if (!(user instanceof CudaBackend gpu)) {
        T result = work.get();
        most = user.reservedBytes();
        return result;
      }
      long before = gpu.usedBytes();
      gpu.forgetUse();
      try {
        return work.get();
      } finally {
        most = held + gpu.mostUsedBytes() - before;
        held += gpu.usedBytes() - before;
      }
    }
  }

  /** Folder of prepared voices, for the processes that follow. */
  private static final String VOICES = "voices";

  private record Key(Switches switches, int threads, int sequences, boolean brought) {}

  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

  private final Place place;
  private final StudyModel model;
  private final List<Path> clips;
  private final Path kept;
  private final Consumer<String> progress;
  private final Map<Precision, Weights> weights = new EnumMap<>(Precision.class);
  private final Map<Precision, Map<Integer, Voice>> voices = new EnumMap<>(Precision.class);
  private final Map<Key, Open> engines = new LinkedHashMap<>();
  private long loading;

  Engines(Place place, StudyModel model, StudyOptions options, Consumer<String> progress) {
    this.place = place;
    this.model = model;
    clips = options.clips();
    kept = options.folder().resolve(VOICES);
    this.progress = progress;
  }

  Place place() {
    return place;
  }

  StudyModel model() {
    return model;
  }

  List<Path> clips() {
    return clips;
  }

  /** The engine of a setting, made if it is not there. The flow's switches belong to requests: settings that differ in them share an engine. */
  Open engine(Setting setting, int sequences) {
    Switches s = setting.switches();
    Key key = new Key(s.withFlowOf(Switches.defaults()), setting.threads(), sequences, setting.brought());
    Open known = engines.get(key);
    if (known == null) {
      known = made(setting, sequences);
      engines.put(key, known);
    }
    return known;
  }

  private Open made(Setting setting, int sequences) {
    Weights own = weights(setting.switches().precision());
    Backend user = place.user(setting);
    CountingBackend counting = new CountingBackend(user);
    Engine engine = Engine.of(
        counting, own.model, SpeechlessFrontEnd.of(), model.hash(), EngineOptions.defaults().withSwitches(setting.switches()).withSequences(sequences).decode());
    return new Open(engine, counting, user, own.bytes);
  }

  /** The networks, in a precision. */
  IndexTts2 model(Precision precision) {
    return weights(precision).model;
  }

  private Weights weights(Precision precision) {
    Weights known = weights.get(precision);
    if (known == null) {
      known = loaded(precision);
      weights.put(precision, known);
    }
    return known;
  }

  /** Seconds in which weights were loaded so far. */
  double loading() {
    return loading / 1e9;
  }

  private Weights loaded(Precision precision) {
    long start = System.nanoTime();
    Backend holder = place.holder(precision);
    long before = held(holder);
    progress.accept("loading " + precision.name().toLowerCase(Locale.ROOT));
    try (ModelSource source = model.open().get()) {
      IndexTts2 loaded = IndexTts2.load(source, new Parameters(holder, precision), part -> {});
      return new Weights(loaded, held(holder) - before);
    } finally {
      loading += System.nanoTime() - start;
    }
  }

  private static long held(Backend holder) {
    return holder instanceof CudaBackend gpu ? gpu.permanentBytes() : holder.reservedBytes();
  }

  /** Prepared voice of a clip, once for each precision. */
  Voice voice(Open open, Precision precision, int speaker) {
    int clip = speaker % clips.size();
    return voices.computeIfAbsent(precision, p -> new HashMap<>()).computeIfAbsent(clip, c -> {
      Path file = kept.resolve(c + "-" + precision.name().toLowerCase(Locale.ROOT) + ".voice");
      if (Files.exists(file)) {
        return Voice.load(file);
      }
      progress.accept("preparing voice " + clips.get(c).getFileName());
      Voice made = open.run(() -> open.engine.voice(clips.get(c)));
      keep(made, file);
      return made;
    });
  }

  private static void keep(Voice voice, Path file) {
    try {
      Files.createDirectories(file.getParent());
      Path whole = file.resolveSibling(file.getFileName() + ".new");
      voice.save(whole);
      Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep a prepared voice in " + file.getParent(), e);
    }
  }

  /** Removes what was kept for other processes. */
  void forget() throws IOException {
    if (Files.isDirectory(kept)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(kept, "*.voice")) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(kept);
    }
  }

  @Override
  public void close() {
    try {
      engines.values().forEach(open -> open.engine.close());
      place.close();
    } catch (ContextLostException e) { // what broke was said; the driver frees everything with the process
      LOG.debug("closing a device whose context is lost: {}", e.getMessage());
    }
  }
}
