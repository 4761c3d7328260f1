package dev.syrinx.bench.peer;

import dev.syrinx.backend.Backend;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.weights.BigVganConfig;
import dev.syrinx.weights.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One case that every side runs, at the dimensions of the model that a study measures.
 *
 * @param name of the case
 * @param peerCase in the words of the peers
 * @param conditions what a reader must know
 * @param beams of the search; 0 where it is none
 * @param perUtterance how often an utterance of ten seconds needs it; its frames for the vocoder are all in one
 * @param ours our side over a backend that it closes
 */
public record Contestant(String name, String peerCase, String conditions, int beams, double perUtterance, Function<Backend, Side> ours) {
  /** Ten seconds of speech. */
  public static final int CODES = 500;

  private static final int FRAMES = 861;
  private static final int PROMPT = 430;
  private static final int STEPS = 25;
  private static final int CONTEXT = 340;
  private static final int CPU_TOKENS = 24;

  /** Something that can be timed again and again. */
  public interface Side extends AutoCloseable {
    /** Milliseconds of one run. */
    double millis();

    @Override
    void close();
  }

  /** Decoding with 1 and 3 beams, a step of the flow, and the vocoder; on the CPU of fewer steps and frames. */
  public static List<Contestant> of(IndexTts2 model, BigVganConfig vocoder, boolean gpu) {
    List<Contestant> cases = new ArrayList<>();
    AutoregressiveModel gpt = new AutoregressiveModel(model.conditioner(), model.gpt());
    int tokens = Math.min(gpu ? CODES : CPU_TOKENS, model.gpt().maxCodes());
    int texts = Math.min(CONTEXT - model.conditioner().latents() - 5 - tokens / 2, model.gpt().maxText() - 2);
    int context = texts + model.conditioner().latents() + 5 + tokens / 2;
    ModelConfig.Gpt g = model.config().gpt();
    for (int beams : new int[] {1, 3}) {
      String words = "decode:" + List.of(context, beams, g.modelDim(), g.layers(), g.heads(), g.numberMelCodes()).stream().map(String::valueOf).collect(Collectors.joining(","));
      cases.add(new Contestant(
          "decode, " + beams + (beams == 1 ? " beam" : " beams"), words, "a code of one request, the mean of " + tokens + " about context " + context
              + "; ours with the choice of the code and all that a request does between steps, PyTorch's is the pass alone",
          beams, CODES, backend -> side(OurSide.decode(backend, gpt, context, beams, tokens))));
    }
    ModelConfig.SpeechToMel s = model.config().speechToMel();
    int steps = gpu ? STEPS : 2;
    int frames = PROMPT + FRAMES;
    cases.add(new Contestant(
        "flow step", flowWords(frames, s),
        "T " + frames + " (" + PROMPT + " of them prompt), cfg 0.7 as batch 2, 1 of " + steps + " steps; ours "
            + (gpu ? "recorded beforehand, as in speech, where that is done while codes are decoded" : "with all that is computed once per utterance"), 0, STEPS,
        backend -> side(OurSide.flow(backend, model.flow(), s, PROMPT, FRAMES, steps))));
    int mels = vocoder.mels();
    int heard = gpu ? FRAMES : FRAMES / 10;
    cases.add(new Contestant(
        "vocoder", vocoderWords(heard, vocoder), heard + " frames in one piece, ours with the samples copied to the host", 0, FRAMES / (double) heard,
        backend -> side(OurSide.vocoder(backend, model.vocoder(), mels, heard))));
    return cases;
  }

  private static Side side(OurSide ours) {
    return new Side() {
      @Override
      public double millis() {
        return ours.run();
      }

      @Override
      public void close() {
        ours.close();
      }
    };
  }

  private static String flowWords(int frames, ModelConfig.SpeechToMel s) {
    int width = s.transformer().hiddenDim();
    return "flow:" + String.join(",", IntStream.of(
        frames, PROMPT, width, s.transformer().heads(), s.transformer().depth(), gated(width), s.spectrogram().mels(), s.styleDim(), s.wavenet().layers(), s.wavenet().kernelSize(),
        s.transformer().contentDim())
        .mapToObj(String::valueOf).toList());
  }

  /** Inner width of a gated unit as the official code rounds it: two thirds of four times the width, up to a multiple of 256. */
  private static int gated(int width) {
    return (8 * width / 3 + 255) / 256 * 256;
  }

  private static String vocoderWords(int frames, BigVganConfig v) {
    List<Integer> first = List.of(frames, v.initialChannels(), v.mels(), v.resblockKernels().size());
    Stream<Integer> sizes = Stream.of(first, v.resblockKernels(), v.upsampleRates(), v.upsampleKernels()).flatMap(List::stream);
    return "vocoder:" + sizes.map(String::valueOf).collect(Collectors.joining(","));
  }
}
