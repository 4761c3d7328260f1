package dev.syrinx.synth;

import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.decode.DecodeOptions;
import dev.syrinx.decode.Decoder;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.emotion.EmotionMatrix;
import dev.syrinx.model.gpt.KvPool;
import dev.syrinx.nn.Parameters;
import dev.syrinx.text.PreparedText;
import dev.syrinx.text.SegmentSplitter;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.emotion.EmotionVector;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.weights.CheckpointException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * A loaded model that speaks.
 *
 * <pre>{@code
 * try (Engine engine = Engine.open(Path.of("checkpoints"), EngineOptions.defaults())) {
 *   Voice voice = engine.voice(Path.of("reference.wav"));
 *   SpeechResult speech = engine.speak(engine.request("Hello from the JVM.", voice).seed(1).build(), SpeechListener.NONE);
 *   WavWriter.write(Path.of("hello.wav"), Pcm16.forFile(speech.scaled()), speech.sampleRate());
 * }
 * }</pre>
 *
 * <p>Safe for any number of threads. With {@link EngineOptions#sequences} above 1 their requests, and the segments of one, decode together; everything else runs one after the other. What is
 * said does not depend on who else speaks.
 */
public final class Engine implements AutoCloseable {
  private final Backend backend;
  private final Ops ops;
  private final IndexTts2 model;
  private final TextFrontEnd text;
  private final String fingerprint;
  private Optional<VoiceEncoder> encoder = Optional.empty();
  private final SpeechAudio audio;
  private final EmotionReader emotionReader;
  private final ReentrantLock device = new ReentrantLock(true);
  private final Decoder decoder;
  private boolean closed;

  private Engine(Backend backend, IndexTts2 model, TextFrontEnd text, String fingerprint, EmotionReader emotionReader, DecodeOptions decode) {
    this.backend = backend;
    this.ops = new Ops(backend, Taps.NONE);
    this.model = model;
    this.text = text;
    this.fingerprint = fingerprint;
    this.audio = SignalFrontEnd.audio(model.config());
    this.emotionReader = emotionReader;
    this.decoder = new Decoder(ops, model.gpt(), decode, device);
  }

  /**
   * Loads a model folder of the official layout.
   *
   * @throws CheckpointException if files are missing or damaged, or do not belong together
   */
  public static Engine open(Path folder, EngineOptions options) {
    return open(folder, new CpuBackend(options.threads(), false), options);
  }

  /** The same on a given backend, which the engine owns from now on, even if loading fails. */
  public static Engine open(Path folder, Backend backend, EngineOptions options) {
    try (ModelFolder source = new ModelFolder(folder); HostWarmup _ = HostWarmup.beside(backend, options.switches())) {
      IndexTts2 model = load(folder, source, backend, options);
      return new Engine(backend, model, FrontEnds.of(source.files()), ModelFingerprint.of(source.files()), EmotionReader.of(folder), options.decode());
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  /** In memory of the host, where it may be had at any time, networks that only a recording needs wait for the first; a device is planned as a whole. */
  private static IndexTts2 load(Path folder, ModelFolder source, Backend backend, EngineOptions options) {
    Parameters parameters = new Parameters(backend, options.switches().precision());
    return backend instanceof CpuBackend
        ? IndexTts2.loadForSpeech(source, () -> new ModelFolder(folder), parameters, options.loading())
        : IndexTts2.load(source, parameters, options.loading());
  }

  /** How the model wants its codes drawn: the official defaults unless its configuration says otherwise. */
  public SamplingOptions sampling() {
    return SamplingOptions.of(model.config().generation());
  }

  /** A request with the model's own defaults of sampling. */
  public SpeechRequest.Builder request(String words, Voice voice) {
    return SpeechRequest.of(words, voice).sampling(sampling());
  }

  /** An engine over networks that were loaded elsewhere; it owns the backend from now on. */
  public static Engine of(Backend backend, IndexTts2 model, TextFrontEnd text, String fingerprint) {
    return of(backend, model, text, fingerprint, DecodeOptions.defaults());
  }

  /** The same with another way of decoding. */
  public static Engine of(Backend backend, IndexTts2 model, TextFrontEnd text, String fingerprint, DecodeOptions decode) {
    return new Engine(backend, model, text, fingerprint, EmotionReader.none(), decode);
  }

  /** An engine over a loaded model folder, without numbers read out; the backend stays its owner's. For replaying golden data. */
  public static Engine borrowing(Backend backend, IndexTts2 model, ModelFolder folder) {
    TextFrontEnd text = FrontEnds.of(folder.files(), NumberReader.identity());
    return new Engine(backend, model, text, ModelFingerprint.of(folder.files()), EmotionReader.of(folder.files().folder()), DecodeOptions.defaults());
  }

  /** Samples per second of the speech. */
  public int sampleRate() {
    return model.config().speechToMel().spectrogram().sampleRate();
  }

  public IndexTts2 model() {
    return model;
  }

  Backend backend() {
    return backend;
  }

  /** What runs the networks, in words. */
  public String description() {
    return backend.description();
  }

  /** Bytes of memory outside the heap: weights, caches, temporaries at their high-water mark. */
  public long reservedBytes() {
    return backend.reservedBytes();
  }

  /** Bytes of the decoder's keys and values. */
  long cacheBytes() {
    return decoder.pool().map(KvPool::bytes).orElse(0L);
  }

  /**
   * Prepares a voice from a recording, of which the first 15 seconds count.
   *
   * @throws dev.syrinx.audio.AudioException if it is no usable recording
   */
  public Voice voice(Path clip) {
    return voice(clip, new StageTimes(this::synchronize));
  }

  /** The same, adding its times. */
  public Voice voice(Path clip, StageTimes times) {
    return alone(() -> {
      SpeechAudio.Speaker signals = times.time(Stage.AUDIO, () -> audio.speaker(clip));
      float[] emotion = times.time(Stage.AUDIO, () -> audio.emotion(clip));
      return times.time(Stage.VOICE, () -> encoder().voice(String.valueOf(clip.getFileName()), fingerprint, signals, emotion));
    });
  }

  /** Prepares a voice from signals that were resampled elsewhere. */
  public Voice voice(String name, SpeechAudio.Speaker signals, float[] emotionSignal) {
    return alone(() -> encoder().voice(name, fingerprint, signals, emotionSignal));
  }

  /**
   * Speaks a text.
   *
   * @throws dev.syrinx.text.TextException if the text is empty or has nothing to speak
   * @throws CheckpointException if the voice was prepared for another model
   */
  public SpeechResult speak(SpeechRequest request, SpeechListener listener) {
    return speak(request, Chance.seeded(request.seed()), listener);
  }

  /** The same with given random numbers. */
  public SpeechResult speak(SpeechRequest request, Chance chance, SpeechListener listener) {
    checkVoice(request.voice());
    StageTimes times = new StageTimes(this::synchronize);
    SegmentSplitter splitter = new SegmentSplitter(fitting(request.segmentTokens(), model.gpt().maxText()), 0);
    PreparedText prepared = alone(() -> times.time(Stage.TEXT, () -> text.prepare(request.text(), splitter)));
    List<int[]> segments = prepared.segments().stream().map(s -> s.idArray()).toList();
    return speak(request, segments, prepared.warnings(), chance, times, listener);
  }

  /** The official limit is lowered to what a smaller model has positions for; another that someone chose is left to be refused. */
  static int fitting(int segmentTokens, int positions) {
    return segmentTokens == SegmentSplitter.DEFAULT_LIMIT ? Math.clamp(positions, 2, segmentTokens) : segmentTokens;
  }

  /** Speaks given token ids, one array a segment: for benchmarks and for callers with a front end of their own. */
  public SpeechResult speakTokens(SpeechRequest request, List<int[]> segments, SpeechListener listener) {
    checkVoice(request.voice());
    return speak(request, segments, List.of(), Chance.seeded(request.seed()), new StageTimes(this::synchronize), listener);
  }

  /**
   * Speaks codes that were drawn before, perhaps by another engine: what two engines make of the same codes can be compared sample by sample.
   *
   * @param segments token ids, one array a segment
   * @param codes of each segment
   */
  public SpeechResult retell(SpeechRequest request, List<int[]> segments, List<int[]> codes) {
    checkVoice(request.voice());
    return speak(
        request, segments, List.of(), Chance.seeded(request.seed()), new StageTimes(this::synchronize), SpeechListener.NONE, (speaker, i) -> speaker.retell(i, codes.get(i)));
  }

  private SpeechResult speak(
      SpeechRequest request, List<int[]> segments, List<String> warnings, Chance chance, StageTimes times, SpeechListener listener) {
    return speak(request, segments, warnings, chance, times, listener, Speaker::speak);
  }

  private SpeechResult speak(
      SpeechRequest request, List<int[]> segments, List<String> warnings, Chance chance, StageTimes times, SpeechListener listener,
      BiFunction<Speaker, Integer, Speaker.Spoken> each) {
    List<float[]> waves = new ArrayList<>();
    List<SpeechResult.Segment> spoken = new ArrayList<>();
    float[] emotion = alone(() -> times.time(Stage.EMOTION, () -> emotion(request)));
    try (Speaker speaker = new Speaker(model, ops, decoder, device, request, chance, times, listener, emotion, segments)) {
      for (int i = 0; i < segments.size(); i++) {
        Speaker.Spoken done = each.apply(speaker, i);
        waves.add(done.scaled());
        spoken.add(done.segment());
      }
    }
    float[] joined = Joints.join(waves, sampleRate() * request.silenceMillis() / 1000);
    return new SpeechResult(joined, sampleRate(), List.copyOf(spoken), times, warnings);
  }

  private float[] emotion(SpeechRequest request) {
    Voice voice = request.voice();
    float[] own = Emotions.merge(voice.baseEmotion().values(), voice.ownEmotion().values(), 1f);
    return switch (request.emotion()) {
      case Emotion.OfVoice none -> own;
      case Emotion.OfAudio clip -> Emotions.merge(voice.baseEmotion().values(), emotionOf(clip.clip()), clip.alpha());
      case Emotion.OfVector vector -> mixed(voice, own, vector.weights());
      case Emotion.OfText said -> {
        String meant = said.text().isBlank() ? request.text() : said.text();
        yield mixed(voice, own, emotionReader.read(meant, ops).scaled(said.alpha()));
      }
    };
  }

  private float[] mixed(Voice voice, float[] own, EmotionVector weights) {
    EmotionMatrix matrix = model.emotions();
    return EmotionMatrix.blend(weights, matrix.mix(weights, matrix.nearest(voice.style().values())), own);
  }

  private float[] emotionOf(Path clip) {
    float[] signal = audio.emotion(clip);
    try (var _ = ops.scope()) {
      return ops.download(encoder().emotion(signal));
    }
  }

  /** Called with the device: what a voice is made with comes with the first recording. */
  private VoiceEncoder encoder() {
    if (encoder.isEmpty()) {
      encoder = Optional.of(new VoiceEncoder(model, ops));
    }
    return encoder.get();
  }

  /** Whether a saved voice was prepared for this engine's model. */
  public boolean accepts(Voice voice) {
    return voice.model().equals(fingerprint);
  }

  private void checkVoice(Voice voice) {
    if (!accepts(voice)) {
      throw new CheckpointException("voice '" + voice.name() + "' was prepared for another model; prepare it again from its recording");
    }
  }

  /** Uses the device while nobody else does. */
  private <T> T alone(Supplier<T> work) {
    device.lock();
    try {
      open();
      return work.get();
    } finally {
      device.unlock();
    }
  }

  private void synchronize() {
    device.lock();
    try {
      backend.synchronize();
    } finally {
      device.unlock();
    }
  }

  private void open() {
    if (closed) {
      throw new IllegalStateException("this engine is closed");
    }
  }

  @Override
  public void close() {
    device.lock();
    try {
      if (!closed) {
        closed = true;
        decoder.close();
        backend.close();
      }
    } finally {
      device.unlock();
    }
  }
}
