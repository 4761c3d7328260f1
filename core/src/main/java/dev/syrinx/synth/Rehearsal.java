package dev.syrinx.synth;

import dev.syrinx.decode.SamplingOptions;
import java.util.Arrays;
import java.util.List;

/**
 * Speaks a few syllables that nobody hears, again and again, until that gets no faster: by then Java has compiled what speech takes. On a processor only; for a GPU see
 * {@link HostWarmup}.
 *
 * <p>What is not compiled yet runs a hundred times slower and takes the cores from the compiler. So on few cores a first sentence comes hardly later behind a rehearsal, which has
 * less to compute meanwhile, and is spoken at the speed of all later ones: on two, with 3, 10 and 27 words, in 0.28 to 0.32, 0.25 to 0.32 and 0.24 to 0.27 of its length for 0.84 to
 * 1.16, 0.61 to 0.79 and 0.46 to 0.58.
 *
 * <p>What is compiled depends on the lengths that it has met: behind sentences of 16 codes instead of 48, 4 words took 0.36 to 0.52 for 0.32 to 0.39; 64 codes gained nothing more and
 * cost half a second; more rounds of 16 gained nothing.
 */
public final class Rehearsal {
  private static final int CODES = 48;
  private static final int TOKENS = 8;

  /** A word, in any vocabulary. */
  private static final int ID = 2;

  private static final int STEPS = 4;

  /** A round is no faster if it takes more of the fastest one than this share; after so many in a row there is nothing left to compile. */
  private static final double NO_FASTER = 0.75;

  private static final int ENOUGH = 3;

  private static final long MOST_NANOS = 3_000_000_000L;

  /** Of a larger engine a round takes seconds, and what is compiled meanwhile does not count beside what it computes. */
  private static final long MOST_BYTES = 512L << 20;

  private Rehearsal() {}

  /**
   * Rehearses for a request: in its voice, with its beams.
   *
   * @return rounds that were spoken; none on a GPU or with a large model
   */
  public static int of(Engine engine, SpeechRequest request) {
    if (engine.backend().worksAlone() || engine.reservedBytes() > MOST_BYTES) {
      return 0;
    }
    SamplingOptions sampling = request.sampling().withMaxTokens(Math.min(CODES, request.sampling().maxTokens()));
    SpeechRequest small = SpeechRequest.of("", request.voice()).sampling(sampling).steps(STEPS).build();
    int[] text = new int[Math.min(TOKENS, engine.model().gpt().maxText())];
    Arrays.fill(text, ID);
    long end = System.nanoTime() + MOST_NANOS;
    long fastest = Long.MAX_VALUE;
    int rounds = 0;
    for (int inVain = 0; inVain < ENOUGH && System.nanoTime() < end; rounds++) {
      long begin = System.nanoTime();
      engine.speakTokens(small, List.of(text), SpeechListener.NONE);
      long took = System.nanoTime() - begin;
      inVain = took > NO_FASTER * fastest ? inVain + 1 : 0;
      fastest = Math.min(fastest, took);
    }
    return rounds;
  }
}
