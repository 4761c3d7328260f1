package dev.syrinx.synth;

/** Hears how a request advances. Called on the requesting thread; must be quick. */
@FunctionalInterface
public interface SpeechListener {
  /** Nobody listens. */
  SpeechListener NONE = (stage, segment, segments, done, total) -> {};

  /**
   * @param segment number of the segment, from 0; −1 where a stage belongs to the whole request
   * @param segments number of segments
   * @param done units done: codes, steps
   * @param total units there are at most
   */
  void progress(Stage stage, int segment, int segments, int done, int total);
}
