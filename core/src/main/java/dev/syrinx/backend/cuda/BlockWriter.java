package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaAbi;

/** Puts the values of a call into a parameter block. One for all calls, so that none is made for each. */
final class BlockWriter implements CudaAbi.Sink {
  private ArgumentBlock block;

  ArgumentBlock write(Arguments call, long scratch, ArgumentBlock target) {
    block = target.rewind();
    CudaAbi.write(call, scratch, this);
    return target;
  }

  @Override
  public void address(long value) {
    block.address(value);
  }

  @Override
  public void integer(int value) {
    block.integer(value);
  }

  @Override
  public void real(float value) {
    block.real(value);
  }
}
