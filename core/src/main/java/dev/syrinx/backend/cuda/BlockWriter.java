package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.TensorMaps;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaAbi;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Window;

/** Puts the values of a call into a parameter block. One for all calls, so that none is made for each. */
final class BlockWriter implements CudaAbi.Sink {
  private final TensorMaps maps;
  private ArgumentBlock block;

  BlockWriter(TensorMaps maps) {
    this.maps = maps;
  }

  ArgumentBlock write(Arguments call, long scratch, Launch launch, ArgumentBlock target) {
    block = target.rewind();
    CudaAbi.write(call, scratch, this);
    for (int i = 0; i < launch.windows().size(); i++) {
      Window w = launch.windows().get(i);
      int bytes = DType.F16.bytes();
      maps.write(block.map(), w.address(call, scratch), w.columns(), w.rows(), w.batches(), w.rowStride() * bytes, w.batchStride() * bytes, w.boxRows());
    }
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
