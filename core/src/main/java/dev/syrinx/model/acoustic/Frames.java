package dev.syrinx.model.acoustic;

import dev.syrinx.backend.Rows;
import dev.syrinx.tensor.Tensor;

/**
 * How the frames of a pass lie. All branches of guidance lie one below the other.
 *
 * @param branches 2 with classifier-free guidance: conditional, unconditional; else 1
 * @param prompt frames of the reference audio, at the beginning
 * @param total frames of prompt and target
 * @param tailStart the first frame that the last block's queries and everything behind them are computed for
 * @param keep the first frame whose velocity is computed
 */
record Frames(int branches, int prompt, int total, int tailStart, int keep) {
  /**
   * The frames that matter: velocities of the prompt are thrown away, and behind the transformer a frame hears only {@code reach} frames
   * before it.
   *
   * @param everything whether the prompt's velocities are wanted, too
   */
  static Frames of(int branches, FlowInput input, int reach, boolean everything) {
    int prompt = input.promptFrames();
    return new Frames(branches, prompt, input.totalFrames(), everything ? 0 : Math.max(0, prompt - reach), everything ? 0 : prompt);
  }

  /** Rows of all branches. */
  int rows() {
    return branches * total;
  }

  /** Frames of the tail in one branch. */
  int tail() {
    return total - tailStart;
  }

  /** Rows of the tail in all branches. */
  int tailRows() {
    return branches * tail();
  }

  /** Frames with a velocity in one branch. */
  int kept() {
    return total - keep;
  }

  /** Frames to be made. */
  int target() {
    return total - prompt;
  }

  /**
   * Rows of every branch, as the matrix product walks them.
   *
   * @param from begins with the first row of the first branch
   * @param count rows of each branch
   * @param apart rows from one branch's first to the next one's
   */
  Rows rows(Tensor from, int count, int apart) {
    int stride = Math.toIntExact(from.view().rowStride());
    return new Rows(from, branches, count, stride, Math.multiplyExact(apart, stride), 1, 0);
  }
}
