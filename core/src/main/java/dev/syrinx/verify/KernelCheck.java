package dev.syrinx.verify;

import dev.syrinx.ffi.cuda.ContextLostException;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Case;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Difference;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.kernels.Param;
import dev.syrinx.kernels.PlacedArguments;
import dev.syrinx.kernels.PlacedArguments.Hurt;
import dev.syrinx.kernels.PlacedArguments.Placement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Every implementation of every kernel against the scalar reference: all small cases, all types of weights, even and odd placements between guard bytes, rows of NaN and infinity,
 * outputs in the place of inputs, and twice the same.
 */
public final class KernelCheck {
  private static final int MOST_FAULTS = 3;

  private final KernelCheckTarget target;
  private final KernelCheckShare share;
  private final Consumer<KernelCheckOutcome> listener;
  private int cases;

  /** @param listener is told each outcome as soon as it is known */
  public KernelCheck(KernelCheckTarget target, Consumer<KernelCheckOutcome> listener) {
    this(target, KernelCheckShare.WHOLE, listener);
  }

  /** The same for a share of the contract. */
  public KernelCheck(KernelCheckTarget target, KernelCheckShare share, Consumer<KernelCheckOutcome> listener) {
    this.target = target;
    this.share = share;
    this.listener = listener;
  }

  /**
   * What was found.
   *
   * @param skipped kernels that were not checked to the end, because one of their implementations made the device useless; the first of them is the culprit
   */
  public record Report(List<KernelCheckOutcome> outcomes, List<String> skipped) {
    /** Whether everything was checked and right. */
    public boolean passed() {
      return skipped.isEmpty() && outcomes.stream().allMatch(KernelCheckOutcome::passed);
    }
  }

  /** Checks kernels anew; one that fails does not keep the others from being checked, unless it takes the device with it. */
  public Report run(List<KernelSpec> specs) {
    List<KernelCheckOutcome> outcomes = new ArrayList<>();
    cases = 0;
    for (int i = 0; i < specs.size(); i++) {
      for (DType type : specs.get(i).dtypes().stream().sorted(Comparator.naturalOrder()).toList()) {
        boolean lost = false;
        for (Tally tally : check(specs.get(i), type)) {
          outcomes.add(tally.outcome());
          listener.accept(tally.outcome());
          lost |= tally.lost;
        }
        if (lost) {
          return new Report(outcomes, specs.subList(i, specs.size()).stream().map(KernelSpec::name).toList());
        }
      }
    }
    return new Report(outcomes, List.of());
  }

  private List<Tally> check(KernelSpec spec, DType type) {
    List<Tally> tallies = target.candidates(spec).stream().map(c -> new Tally(spec, type, c)).toList();
    for (Case c : spec.cases()) {
      if (c.model() || !share.has(cases++)) {
        continue;
      }
      for (Hurt hurt : share.brief() ? new Hurt[] {Hurt.NOTHING} : Hurt.values()) {
        if (tallies.stream().noneMatch(t -> t.lost)) {
          check(tallies, spec, type, c, hurt);
        }
      }
    }
    return tallies;
  }

  private void check(List<Tally> tallies, KernelSpec spec, DType type, Case c, Hurt hurt) {
    try (Arena arena = Arena.ofConfined()) {
      PlacedArguments want = PlacedArguments.of(spec, c, type, spec.reference().layouts(), hurt, Placement.EVEN, arena);
      KernelCheckHost.run(spec.reference(), want.arguments());
      for (Tally tally : tallies) {
        for (Placement placement : Placement.values()) {
          tally.guarded(c + " " + hurt + " placed " + placement, () -> tally.compare(want.arguments(), c, hurt, placement, arena));
        }
        if (hurt == Hurt.NOTHING && !share.brief()) {
          tally.guarded(c + " a second time", () -> tally.repeat(c, arena));
          spec.inPlace().forEach(input -> tally.guarded(c + " in place of " + input, () -> tally.inPlace(c, input, arena)));
        }
      }
    }
  }

  /** Counts for one implementation. */
  private static final class Tally {
    private final KernelSpec spec;
    private final DType type;
    private final KernelCheckTarget.Candidate candidate;
    private final List<String> faults = new ArrayList<>();
    private Difference worst = Difference.NONE;
    private int runs;
    private boolean lost;

    private Tally(KernelSpec spec, DType type, KernelCheckTarget.Candidate candidate) {
      this.spec = spec;
      this.type = type;
      this.candidate = candidate;
    }

    private KernelCheckOutcome outcome() {
      return new KernelCheckOutcome(spec.name(), candidate.name(), type, runs, worst, faults);
    }

    private void guarded(String what, Runnable check) {
      if (lost) {
        return;
      }
      try {
        check.run();
      } catch (ContextLostException e) {
        lost = true;
        faults.add(what + ": " + e.getMessage());
      } catch (RuntimeException e) { // one broken kernel must not hide the others
        fault(what + ": " + e);
      }
    }

    private void fault(String what) {
      if (faults.size() < MOST_FAULTS) {
        faults.add(what);
      }
    }

    private void compare(Arguments want, Case c, Hurt hurt, Placement placement, Arena arena) {
      PlacedArguments got = placed(c, hurt, placement, arena);
      if (!candidate.supports().test(got.arguments())) {
        return;
      }
      runs++;
      candidate.runner().run(got, got.arguments());
      String trespasses = got.trespasses();
      if (!trespasses.isEmpty()) {
        fault(c + " " + hurt + " placed " + placement + ": wrote outside of " + trespasses.strip());
      }
      for (Param param : written(want)) {
        Difference found = Difference.of(want, got.arguments(), param, candidate.arithmetic());
        worst = worst.or(new Difference(found.share(), found.where() + " in " + c + " " + hurt + " placed " + placement));
      }
    }

    private void repeat(Case c, Arena arena) {
      PlacedArguments one = placed(c, Hurt.NOTHING, Placement.EVEN, arena);
      PlacedArguments two = placed(c, Hurt.NOTHING, Placement.EVEN, arena);
      if (candidate.supports().test(one.arguments())) {
        candidate.runner().run(one, one.arguments());
        candidate.runner().run(two, two.arguments());
        for (Param param : written(one.arguments())) {
          if (one.arguments().segment(param.name()).mismatch(two.arguments().segment(param.name())) >= 0) {
            fault(c + ": " + param.name() + " differs between two runs");
          }
        }
      }
    }

    private void inPlace(Case c, String input, Arena arena) {
      PlacedArguments one = placed(c, Hurt.NOTHING, Placement.ODD, arena);
      if (c.absent().contains(input) || !c.halves().isEmpty() || !candidate.supports().test(one.arguments())) {
        return;
      }
      PlacedArguments two = placed(c, Hurt.NOTHING, Placement.ODD, arena);
      Arguments call = two.arguments().copy().set("y", two.arguments().view(input)).checked();
      candidate.runner().run(one, one.arguments());
      candidate.runner().run(two, call);
      MemorySegment expected = one.arguments().segment("y");
      MemorySegment found = call.segment("y");
      if (expected.asSlice(0, one.arguments().view("y").spanBytes()).mismatch(found.asSlice(0, call.view("y").spanBytes())) >= 0) {
        fault(c + ": y differs in place of " + input);
      }
    }

    private PlacedArguments placed(Case c, Hurt hurt, Placement placement, Arena arena) {
      return PlacedArguments.of(spec, c, type, candidate.layouts(), hurt, placement, arena);
    }

    private List<Param> written(Arguments call) {
      return spec.params().stream().filter(p -> p.written() && call.has(p.name())).toList();
    }
  }
}
