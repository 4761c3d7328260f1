package dev.syrinx.trace;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Cost;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** One call of a kernel. On a GPU this is its launch; those of a recorded step run as a part of it and have no event. */
@Name("dev.syrinx.Kernel")
@Label("Kernel")
@Category("Syrinx")
@StackTrace(false)
public final class KernelEvent extends Event {
  /** Name in the catalogue. */
  @Label("Kernel")
  public String kernel = "";

  /** The implementation that ran. */
  @Label("Variant")
  public String variant = "";

  /** Memory that the call must move at least. */
  @Label("Bytes")
  @DataAmount
  public long bytes;

  /** Operations of the call. */
  @Label("Operations")
  public long operations;

  /** Ends the event and, if somebody records, fills it in. */
  public void commit(Arguments call, String chosen) {
    if (shouldCommit()) {
      Cost cost = call.spec().cost(call);
      kernel = call.spec().name();
      variant = chosen;
      bytes = (long) cost.bytes();
      operations = (long) cost.flops();
      commit();
    }
  }
}
