package dev.syrinx.nn;

import dev.syrinx.kernels.DType;

/** Storage type of weight matrices; arithmetic accumulates in float32 whatever it is. */
public enum Precision {
  FP32(DType.F32),
  FP16(DType.F16),
  BF16(DType.BF16),
  /** 8-bit integers with one scale per output. */
  INT8(DType.I8);

  private final DType dtype;

  Precision(DType dtype) {
    this.dtype = dtype;
  }

  public DType dtype() {
    return dtype;
  }
}
