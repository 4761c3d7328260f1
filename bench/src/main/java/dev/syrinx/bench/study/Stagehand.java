package dev.syrinx.bench.study;

import dev.syrinx.synth.Emotion;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Stage;
import dev.syrinx.synth.StageTimes;
import dev.syrinx.synth.Voice;
import dev.syrinx.text.emotion.EmotionVector;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/** Plays scenarios. */
final class Stagehand {
  private static final double[] MOOD = {0.4, 0, 0, 0, 0, 0, 0.3, 0.1};

  /** Some roundings of float32. */
  private static final float SHAKE = 1e-6f;

  private final Engines engines;
  private final Matrix matrix;
  private final List<List<int[]>> ids;

  Stagehand(Engines engines, Matrix matrix) {
    this.engines = engines;
    this.matrix = matrix;
    ids = matrix.texts().stream().map(engines.model().ids()).toList();
  }

  /** Longest text of a scenario, in tokens. */
  int textTokens(Scenario scenario) {
    int most = 0;
    for (int i = 0; i < scenario.utterances(); i++) {
      most = Math.max(most, ids(i).stream().mapToInt(s -> s.length).max().orElse(0));
    }
    return most;
  }

  private List<int[]> ids(int utterance) {
    return ids.get(utterance % ids.size());
  }

  /** What is said; empty where ids are. */
  List<String> texts(Scenario scenario) {
    List<String> said = new ArrayList<>();
    for (int i = 0; i < scenario.utterances() && !engines.model().random(); i++) {
      said.add(matrix.texts().get(i % matrix.texts().size()));
    }
    return said;
  }

  /** The engine of a cell. */
  Engines.Open open(Setting setting, Scenario scenario) {
    return engines.engine(setting, scenario.batch());
  }

  /** Plays a scenario once. */
  Performance play(Setting setting, Scenario scenario) {
    Engines.Open open = open(setting, scenario);
    for (int i = 0; i < scenario.utterances(); i++) {
      engines.voice(open, setting.switches().precision(), i);
    }
    return open.run(() -> scenario.batch() > 1 ? together(open, setting, scenario) : inTurn(open, setting, scenario));
  }

  private Performance inTurn(Engines.Open open, Setting setting, Scenario scenario) {
    List<SpeechResult> results = new ArrayList<>();
    long slowest = 0;
    long start = System.nanoTime();
    StageTimes preparing = new StageTimes();
    if (scenario == Scenario.NEW_VOICE) {
      preparing.time(Stage.VOICE, () -> open.engine().voice(engines.clips().getFirst()));
    }
    for (int i = 0; i < scenario.utterances(); i++) {
      Ear ear = new Ear();
      results.add(open.engine().speakTokens(request(open, setting, scenario, i), ids(i), ear));
      slowest = Math.max(slowest, ear.first());
    }
    double codes = results.stream().mapToDouble(r -> r.times().seconds(Stage.CODES)).sum();
    return new Performance((System.nanoTime() - start) / 1e9, slowest / 1e9, codes, preparing.seconds(Stage.VOICE), results);
  }

  private Performance together(Engines.Open open, Setting setting, Scenario scenario) {
    List<Ear> ears = new ArrayList<>();
    List<Future<SpeechResult>> waiting = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(scenario.utterances())) {
      long start = System.nanoTime();
      for (int i = 0; i < scenario.utterances(); i++) {
        int number = i;
        Ear ear = new Ear();
        ears.add(ear);
        waiting.add(threads.submit(() -> open.engine().speakTokens(request(open, setting, scenario, number), ids(number), ear)));
      }
      List<SpeechResult> results = waiting.stream().map(Stagehand::result).toList();
      double seconds = (System.nanoTime() - start) / 1e9;
      double first = ears.stream().mapToLong(Ear::first).max().orElse(0) / 1e9;
      // A request's own time of this stage holds what it waited while others used the device for something else.
      double codes = ears.stream().mapToLong(Ear::last).max().orElse(0) / 1e9;
      return new Performance(seconds, first, codes, 0, results);
    }
  }

  private static SpeechResult result(Future<SpeechResult> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while requests decode together", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException("a request failed: " + e.getCause(), e);
    }
  }

  /** Hears when codes come. */
  private static final class Ear implements SpeechListener {
    private final long start = System.nanoTime();
    private volatile long first;
    private volatile long last;

    @Override
    public void progress(Stage stage, int segment, int segments, int done, int total) {
      if (stage == Stage.CODES) {
        last = System.nanoTime() - start;
        first = first == 0 ? last : first;
      }
    }

    long first() {
      return first;
    }

    long last() {
      return last;
    }
  }

  /** What the codes of another performance sound like with a setting. */
  Performance retell(Setting setting, Scenario scenario, Performance other) {
    return retell(setting, scenario, other, voice -> voice);
  }

  /** The same with each number of the voice changed by a millionth, up or down by chance. */
  Performance shaken(Setting setting, Scenario scenario, Performance other) {
    SplittableRandom chance = new SplittableRandom(matrix.seed());
    UnaryOperator<Voice.Matrix> shake = m -> {
      float[] values = m.values().clone();
      for (int i = 0; i < values.length; i++) {
        values[i] *= chance.nextBoolean() ? 1 + SHAKE : 1 - SHAKE;
      }
      return new Voice.Matrix(values, m.rows(), m.cols());
    };
    return retell(setting, scenario, other, v -> new Voice(
        v.name(), v.model(), shake.apply(v.latents()), shake.apply(v.baseEmotion()), shake.apply(v.ownEmotion()), shake.apply(v.style()), shake.apply(v.mel()), shake.apply(v.condition())));
  }

  private Performance retell(Setting setting, Scenario scenario, Performance other, UnaryOperator<Voice> change) {
    Engines.Open open = open(setting, scenario);
    List<SpeechResult> results = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < scenario.utterances(); i++) {
      int number = i;
      List<int[]> codes = other.results().get(i).segments().stream().map(SpeechResult.Segment::codes).toList();
      results.add(open.run(() -> open.engine().retell(request(open, setting, scenario, number, change), ids(number), codes)));
    }
    return new Performance((System.nanoTime() - start) / 1e9, 0, 0, 0, results);
  }

  private SpeechRequest request(Engines.Open open, Setting setting, Scenario scenario, int number) {
    return request(open, setting, scenario, number, voice -> voice);
  }

  private SpeechRequest request(Engines.Open open, Setting setting, Scenario scenario, int number, UnaryOperator<Voice> change) {
    Voice voice = change.apply(engines.voice(open, setting.switches().precision(), number));
    Emotion emotion = switch (scenario) {
      case EMOTION_AUDIO -> new Emotion.OfAudio(engines.clips().getLast(), 1f);
      case EMOTION_VECTOR -> new Emotion.OfVector(EmotionVector.of(MOOD));
      default -> new Emotion.OfVoice();
    };
    return SpeechRequest.of("", voice).seed(matrix.seed()).emotion(emotion).sampling(setting.sampling(open.engine().sampling())).flow(setting.switches()).build();
  }
}
