import dev.syrinx.audio.Pcm16;
import dev.syrinx.audio.WavWriter;
import dev.syrinx.synth.Emotion;
import dev.syrinx.synth.Engine;
import dev.syrinx.synth.EngineOptions;
import dev.syrinx.synth.SpeechListener;
import dev.syrinx.synth.SpeechRequest;
import dev.syrinx.synth.SpeechResult;
import dev.syrinx.synth.Voice;
import dev.syrinx.text.emotion.EmotionLabel;
import dev.syrinx.text.emotion.EmotionVector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Speaks every line of a file in every voice given: OUT/VOICE/NNN.wav, and OUT/report.tsv with length, stop and time of each.
 *
 * <pre>java --add-modules jdk.incubator.vector -cp 'app/target/syrinx-app.jar:app/target/lib/*' SpeakAll.java MODEL TEXTS OUT BEAMS STEPS VOICE.wav[@EMOTION]...</pre>
 *
 * An emotion (happy, angry, …) is asked for by its vector, whole.
 */
final class SpeakAll {
  public static void main(String[] args) throws Exception {
    List<String> lines = Files.readAllLines(Path.of(args[1])).stream().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
    Path out = Files.createDirectories(Path.of(args[2]));
    StringBuilder report = new StringBuilder("voice\tline\tseconds\tstopped\tcodes\ttook\trtf\n");
    try (Engine engine = Engine.open(Path.of(args[0]), EngineOptions.defaults())) {
      for (int v = 5; v < args.length; v++) {
        String[] asked = args[v].split("@");
        Path clip = Path.of(asked[0]);
        Voice voice = engine.voice(clip);
        Emotion emotion = asked.length == 1 ? new Emotion.OfVoice() : new Emotion.OfVector(only(asked[1]));
        String name = clip.getFileName().toString().replaceAll("\\.[a-z]+$", "") + (asked.length == 1 ? "" : "@" + asked[1]);
        Path folder = Files.createDirectories(out.resolve(name));
        for (int i = 0; i < lines.size(); i++) {
          SpeechRequest request = engine.request(lines.get(i), voice).sampling(engine.sampling().withBeams(Integer.parseInt(args[3])))
              .steps(Integer.parseInt(args[4])).seed(i).emotion(emotion).build();
          SpeechResult speech = engine.speak(request, SpeechListener.NONE);
          try (var file = Files.newOutputStream(folder.resolve(String.format("%03d.wav", i)))) {
            WavWriter.write(file, Pcm16.forFile(speech.scaled()), speech.sampleRate());
          }
          boolean stopped = speech.segments().stream().allMatch(s -> s.stopped());
          report.append(String.format(Locale.ROOT, "%s\t%d\t%.2f\t%b\t%d\t%.2f\t%.3f%n", name, i, speech.seconds(), stopped, speech.codes(),
              speech.times().total(), speech.realTimeFactor()));
          if (i % 10 == 0) {
            System.out.println(name + " " + i + " " + speech.seconds() + " s, RTF " + speech.realTimeFactor());
          }
        }
      }
    }
    Files.writeString(out.resolve("report.tsv"), report);
  }

  private static EmotionVector only(String name) {
    double[] weights = new double[EmotionLabel.values().length];
    for (EmotionLabel label : EmotionLabel.values()) {
      weights[label.index()] = label.english().equals(name) ? 1 : 0;
    }
    return EmotionVector.of(weights);
  }
}
