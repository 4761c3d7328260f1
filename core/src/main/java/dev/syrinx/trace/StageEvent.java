package dev.syrinx.trace;

import jdk.jfr.Category;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A stage of a request, as the Java Flight Recorder shows it. On a GPU it ends when its kernels have. */
@Name("dev.syrinx.Stage")
@Label("Stage")
@Category("Syrinx")
@StackTrace(false)
public final class StageEvent extends Event {
  /** Label of the stage. */
  @Label("Stage")
  public String stage = "";
}
