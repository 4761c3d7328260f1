package dev.syrinx.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One run of a recorded step: of decoding, or of flow matching. On a GPU this is its start, and what the start takes. */
@Name("dev.syrinx.Step")
@Label("Step")
@Category("Syrinx")
@StackTrace(false)
public final class StepEvent extends Event {
  /** Kernel of its first call. */
  @Label("First kernel")
  public String first = "";

  /** Recorded calls. */
  @Label("Calls")
  public int calls;

  /** Ends the event and, if somebody records, fills it in. */
  public void commit(int count, String kernel) {
    if (shouldCommit()) {
      calls = count;
      first = kernel;
      commit();
    }
  }
}
