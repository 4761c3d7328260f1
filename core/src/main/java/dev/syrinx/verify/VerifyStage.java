package dev.syrinx.verify;

/** Recomputes one stage of the manifest from its golden inputs. */
@FunctionalInterface
interface VerifyStage {
  void run(VerifyContext c, Results out);
}
