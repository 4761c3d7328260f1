package dev.syrinx.model.vocoder;

import java.util.List;

/** An upsampling and the residual blocks of different widths whose mean follows it. */
record Stage(Upsampler upsampler, List<ResidualBlock> blocks) {
  /** The most zeros that any convolution of the stage needs on either side. */
  int margin() {
    return blocks.stream().mapToInt(ResidualBlock::margin).max().orElse(0);
  }

  /** Samples on either side that reach an output of the blocks. */
  int reach() {
    return blocks.stream().mapToInt(ResidualBlock::reach).max().orElse(0);
  }
}
