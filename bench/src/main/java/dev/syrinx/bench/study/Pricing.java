package dev.syrinx.bench.study;

import dev.syrinx.audio.Pcm16;
import dev.syrinx.audio.WavWriter;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.synth.SignalFrontEnd;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Switches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a cell costs: how far its output is from that of the reference, which has nothing accelerated. */
final class Pricing {
  private static final Logger LOG = LoggerFactory.getLogger(Pricing.class);

  private static final String REFERENCE = ", fp32, 25 uniform steps, cfg 0.7, the same device, seed, text, beams and codes";

  private final Stagehand stage;
  private final boolean random;
  private final Optional<Recognizer> recognizer;
  private final Map<String, Reference> references = new HashMap<>();
  private final Map<String, Figures> tones = new HashMap<>();
  private final Map<String, Figures> roundings = new HashMap<>();

  Pricing(Stagehand stage, boolean random, Optional<Recognizer> recognizer) {
    this.stage = stage;
    this.random = random;
    this.recognizer = recognizer;
  }

  /** A reference that was played: in words, how, and what it said; or why there is none. */
  private record Reference(String name, Setting setting, Optional<Performance> played, String why) {}

  private Reference reference(Subject subject, Switches.Target target) {
    Reference known = references.get(key(subject));
    if (known == null) {
      known = played(subject, target);
      references.put(key(subject), known);
    }
    return known;
  }

  private static String key(Subject subject) {
    return subject.scenario().label() + " " + subject.setting().beams() + " " + subject.setting().codes() + " " + subject.setting().threads();
  }

  private Reference played(Subject subject, Switches.Target target) {
    String why = "";
    for (Setting setting : subject.setting().references(target)) {
      try {
        return new Reference("preset " + setting.preset() + REFERENCE, setting, Optional.of(stage.play(setting, subject.scenario())), "");
      } catch (RuntimeException e) {
        LOG.warn("no reference by preset {}: {}", setting.preset(), e.getMessage());
        why = "the reference failed: " + e.getMessage();
      }
    }
    return new Reference("none", subject.setting(), Optional.empty(), why);
  }

  /** The price of a performance. */
  StudyRecord.Price of(Subject subject, Performance own, Switches.Target target) {
    Setting best = subject.setting().references(target).getFirst();
    if (subject.setting().switches().equals(best.switches())) { // it is the reference
      references.putIfAbsent(key(subject), new Reference("preset " + best.preset() + REFERENCE, best, Optional.of(own), ""));
    }
    Reference reference = reference(subject, target);
    Figures alone = tone(subject).and(words(subject, own));
    if (reference.played().isEmpty()) {
      Figures figures = none(alone.without(Metric.ROUNDING_SNR, reference.why()).without(Metric.TOKEN_AGREEMENT, reference.why()).without(Metric.FIRST_DIFFERENCE, reference.why()).without(Metric.IDENTICAL, reference.why()), reference.why());
      return new StudyRecord.Price(reference.name(), "", figures.values(), figures.absent());
    }
    Performance theirs = reference.played().get();
    double agreement = Likeness.agreement(own.codes(), theirs.codes());
    Figures figures = alone.and(rounding(subject, reference)).with(Metric.TOKEN_AGREEMENT, agreement).with(Metric.FIRST_DIFFERENCE, Likeness.firstDifference(own.codes(), theirs.codes()))
        .with(Metric.IDENTICAL, own.sha256().equals(theirs.sha256()) ? 1 : 0);
    boolean same = agreement == 1;
    boolean retold = !same && subject.setting().switches().latents() == Switches.Latents.SECOND_PASS;
    if (same || retold) {
      figures = figures.and(acoustic(subject, retold ? stage.retell(subject.setting(), subject.scenario(), theirs) : own, theirs));
    } else {
      figures = none(figures, "it says other codes, and its latents are those of its own codes");
    }
    return new StudyRecord.Price(reference.name(), same ? "own" : retold ? "reference" : "", figures.values(), figures.absent());
  }

  /** What a change of the size of a rounding makes of the reference's sound: below that, a likeness says nothing of a switch. */
  private Figures rounding(Subject subject, Reference reference) {
    if (subject.scenario() != Scenario.ONE) {
      return Figures.NONE.without(Metric.ROUNDING_SNR, "it is taken of one speaker's utterance");
    }
    return roundings.computeIfAbsent(key(subject), k -> {
      Performance told = reference.played().orElseThrow();
      float[] plain = stage.retell(reference.setting(), subject.scenario(), told).samples();
      OptionalDouble snr = Likeness.snr(stage.shaken(reference.setting(), subject.scenario(), told).samples(), plain);
      return snr.isPresent() ? Figures.NONE.with(Metric.ROUNDING_SNR, snr.getAsDouble()) : Figures.NONE.without(Metric.ROUNDING_SNR, "the change changed nothing");
    });
  }

  private static Figures none(Figures start, String why) {
    Figures figures = start;
    for (Metric metric : List.of(Metric.MEL_COSINE, Metric.MEL_CEPSTRAL_DISTANCE, Metric.LOG_SPECTRAL_DISTANCE, Metric.SNR)) {
      figures = figures.without(metric, why);
    }
    return figures;
  }

  private Figures acoustic(Subject subject, Performance own, Performance reference) {
    Likeness likeness = new Likeness(SignalFrontEnd.mel(stage.open(subject.setting(), subject.scenario()).engine().model().config()));
    return likeness.compare(own.samples(), reference.samples());
  }

  private Figures tone(Subject subject) {
    if (random) {
      return Figures.NONE.without(Metric.THD, "random weights: the vocoder gives no tone back");
    }
    Switches s = subject.setting().switches();
    String key = s.precision() + " " + s.gemm() + " " + s.attention();
    Figures known = tones.get(key);
    if (known == null) {
      Engines.Open open = stage.open(subject.setting(), subject.scenario());
      known = Tone.through(open.engine().model(), new Ops(open.backend(), Taps.NONE));
      tones.put(key, known);
    }
    return known;
  }

  private Figures words(Subject subject, Performance own) {
    if (random) {
      return Figures.NONE.without(Metric.WORD_ERROR_RATE, "random weights speak noise");
    }
    if (recognizer.isEmpty()) {
      return Figures.NONE.without(Metric.WORD_ERROR_RATE, "no recognizer was given; see --recognizer");
    }
    List<String> texts = stage.texts(subject.scenario());
    int errors = 0;
    int words = 0;
    try {
      for (int i = 0; i < texts.size(); i++) {
        SpeechResult said = own.results().get(i);
        Path file = Files.createTempFile("syrinx-study", ".wav");
        try {
          WavWriter.write(file, Pcm16.forFile(said.scaled()), said.sampleRate());
          String heard = recognizer.get().hear(file);
          errors += Recognizer.edits(texts.get(i), heard);
          words += Recognizer.words(texts.get(i)).size();
        } finally {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      return Figures.NONE.without(Metric.WORD_ERROR_RATE, "the recognizer failed: " + e.getMessage());
    }
    return Figures.NONE.with(Metric.WORD_ERROR_RATE, words == 0 ? 0 : (double) errors / words);
  }
}
