package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.audio.SpeechAudio;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.decode.SamplingOptions;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.acoustic.LengthRegulator;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.text.Glossary;
import dev.syrinx.text.TextFrontEnd;
import dev.syrinx.text.TextNormalizer;
import dev.syrinx.text.numbers.NumberReader;
import dev.syrinx.text.sentencepiece.SentencePieceTokenizer;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.CheckpointException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole pipeline in dimensions that no shipped model has: nothing but shapes and configuration may decide a size. */
class SyntheticEngineTest {
  private static final List<int[]> TEXT = List.of(new int[] {5, 17, 30, 9, 250}, new int[] {7, 8, 399});

  private static Engine engine(int threads, boolean scalar, Precision precision) {
    CpuBackend backend = new CpuBackend(threads, scalar);
    IndexTts2 model = IndexTts2.load(new SyntheticModel(SyntheticDims.odd(), 3), new Parameters(backend, precision), name -> {});
    TextFrontEnd text = new TextFrontEnd(
        new TextNormalizer(NumberReader.identity(), Glossary.empty()),
        SentencePieceTokenizer.read(TestData.folder(TestData.TINY_A).resolve("bpe.model")));
    return Engine.of(backend, model, text, "odd");
  }

  /** 0.7 s of a rising tone. */
  private static Voice voice(Engine engine) {
    float[] mel = tone(engine.sampleRate());
    float[] features = tone(SignalFrontEnd.FEATURE_RATE);
    return engine.voice("tone", new SpeechAudio.Speaker(mel, features), features);
  }

  private static float[] tone(int rate) {
    float[] samples = new float[rate * 7 / 10];
    for (int i = 0; i < samples.length; i++) {
      double t = (double) i / rate;
      samples[i] = (float) (0.3 * Math.sin(2 * Math.PI * (200 + 300 * t) * t) + 0.05 * Math.sin(9000 * t));
    }
    return samples;
  }

  private static SpeechResult speak(Engine engine, long seed, int beams) {
    SamplingOptions sampling = SamplingOptions.defaults().withBeams(beams).withMaxTokens(9);
    SpeechRequest request = SpeechRequest.of("", voice(engine)).sampling(sampling).seed(seed).steps(3).silenceMillis(10).build();
    return engine.speakTokens(request, TEXT, SpeechListener.NONE);
  }

  @Test
  void speaksInAnyDimensions() {
    try (Engine engine = engine(2, false, Precision.FP32)) {
      SpeechResult made = speak(engine, 1, 3);
      int samples = made.segments().stream().mapToInt(s -> LengthRegulator.frames(s.codes().length) * 128).sum();
      assertEquals(samples + 220, made.scaled().length);
      for (float sample : made.scaled()) {
        assertTrue(Math.abs(sample) <= 32767f, "sample " + sample);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameBytesOnAnyNumberOfThreads() {
    float[] one;
    float[] other;
    try (Engine engine = engine(1, false, Precision.FP32)) {
      one = speak(engine, 7, 3).scaled();
      assertArrayEquals(one, speak(engine, 7, 3).scaled(), "twice on one engine");
      other = speak(engine, 8, 3).scaled();
    }
    assertNotEquals(java.util.Arrays.hashCode(one), java.util.Arrays.hashCode(other), "another seed is another take");
    for (int threads : new int[] {2, 4}) {
      try (Engine engine = engine(threads, false, Precision.FP32)) {
        assertArrayEquals(one, speak(engine, 7, 3).scaled(), threads + " threads");
      }
    }
  }

  @Test
  void aRehearsalChangesNothingThatIsSaid() {
    float[] unrehearsed;
    try (Engine engine = engine(2, false, Precision.FP32)) {
      unrehearsed = speak(engine, 5, 3).scaled();
    }
    try (Engine engine = engine(2, false, Precision.FP32)) {
      SpeechRequest request = SpeechRequest.of("", voice(engine)).sampling(SamplingOptions.defaults().withBeams(3)).build();
      assertTrue(Rehearsal.of(engine, request) >= 4, "rounds until there is nothing left to compile");
      assertArrayEquals(unrehearsed, speak(engine, 5, 3).scaled());
    }
  }

  @Test
  void codesThatWereSaidAreRetoldSampleBySample() {
    try (Engine engine = engine(2, false, Precision.FP32)) {
      SpeechRequest request = SpeechRequest.of("", voice(engine)).steps(2).seed(4).sampling(SamplingOptions.defaults().withBeams(1).withMaxTokens(7)).build();
      SpeechResult said = engine.speakTokens(request, TEXT, SpeechListener.NONE);
      List<int[]> codes = said.segments().stream().map(SpeechResult.Segment::codes).toList();
      assertArrayEquals(said.scaled(), engine.retell(request, TEXT, codes).scaled());
      List<int[]> others = codes.stream().map(c -> java.util.Arrays.stream(c).map(code -> (code + 1) % 5).toArray()).toList();
      SpeechResult other = engine.retell(request, TEXT, others);
      assertEquals(said.scaled().length, other.scaled().length);
      assertArrayEquals(others.getFirst(), other.segments().getFirst().codes());
      assertTrue(java.util.Arrays.mismatch(said.scaled(), other.scaled()) >= 0, "other codes are other speech");
    }
  }

  @Test
  void vectorAndScalarKernelsDrawTheSameCodes() {
    try (Engine vector = engine(2, false, Precision.FP32); Engine scalar = engine(2, true, Precision.FP32)) {
      SpeechResult a = speak(vector, 5, 1);
      SpeechResult b = speak(scalar, 5, 1);
      for (int i = 0; i < TEXT.size(); i++) {
        assertArrayEquals(b.segments().get(i).codes(), a.segments().get(i).codes());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void everyStorageTypeSpeaks(Precision precision) {
    try (Engine engine = engine(2, false, precision)) {
      assertTrue(speak(engine, 2, 2).codes() > 0);
    }
  }

  @Test
  void savedVoicesSpeakAlike(@TempDir Path folder) throws Exception {
    try (Engine engine = engine(2, false, Precision.FP32)) {
      Voice voice = voice(engine);
      voice.save(folder.resolve("tone.voice"));
      Voice loaded = Voice.load(folder.resolve("tone.voice"));
      assertTrue(Voice.saved(folder.resolve("tone.voice")));
      assertArrayEquals(voice.latents().values(), loaded.latents().values());
      assertArrayEquals(voice.mel().values(), loaded.mel().values());
      Voice foreign = new Voice(
          "x", "another model", voice.latents(), voice.baseEmotion(), voice.ownEmotion(), voice.style(), voice.mel(), voice.condition());
      CheckpointException refused = assertThrows(
          CheckpointException.class, () -> engine.speakTokens(SpeechRequest.of("", foreign).build(), TEXT, SpeechListener.NONE));
      assertTrue(refused.getMessage().contains("another model"), refused.getMessage());
    }
  }

  @Test
  void manyUtterancesDoNotGrow() {
    try (Engine engine = engine(2, false, Precision.FP32)) {
      speak(engine, 1, 2);
      long reserved = engine.reservedBytes();
      for (int i = 0; i < 6; i++) {
        speak(engine, 1, 2);
      }
      assertEquals(reserved, engine.reservedBytes());
    }
  }
}
