// y = alpha * activation(scale * (w x) + bias) + residual for this block's rows of w.
#pragma once

#include "common/activation.cuh"
#include "fused/matrix.cuh"

namespace {

constexpr int kGroups = 6;  // of 16 rows: most of a block

#if __CUDA_ARCH__ >= 900

// What a product needs and no phase writes: fetched while other blocks are still busy with the phase before.
struct ProductAhead {
  float bias, scale;  // of output threadIdx.x of this block
  Norm norm;
};

__device__ __forceinline__ void look_ahead(const Instruction& in, ProductAhead& ahead) {
  int from, to;
  share(in.n, from, to);
  const int row = from + threadIdx.x / in.rows;
  ahead.bias = in.bias && row < to ? __ldg(in.bias + row) : 0.0f;
  ahead.scale = in.scale && row < to ? __ldg(in.scale + row) : 1.0f;
  if (in.prologue == kLayerNorm) {
    ahead.norm.fetch(in);
  }
}

// Those that decoders use; DecodeProgram.java declines the others.
__device__ __forceinline__ float activate_any(int kind, float v) {
  switch (kind) {
    case RELU: return activate<RELU>(v);
    case SILU: return activate<SILU>(v);
    case GELU_TANH: return activate<GELU_TANH>(v);
    case GELU_ERF: return activate<GELU_ERF>(v);
    default: return v;
  }
}

// Keys and values go to the caches alone: attention reads them there.
__device__ __forceinline__ uint32_t finish(const Instruction& in, int row, int b, float sum, float bias, float scale, float residual) {
  const float v = fmaf(in.alpha, activate_any(in.activation, sum * scale + bias), residual);
  if (in.slots && row >= in.split) {
    const int64_t slot = static_cast<int64_t>(__ldg(in.slots + b)) * in.cache_row;
    float* cache = row < 2 * in.split ? in.keys - in.split : in.values - 2 * in.split;
    return publish(cache + slot + row, v);
  }
  return publish(in.y + static_cast<int64_t>(b) * in.y_row + row, v);
}

__device__ __forceinline__ float residual_of(const Instruction& in, int row, int b) {
  return in.residual ? __ldcg(in.residual + static_cast<int64_t>(b) * in.y_row + row) : 0.0f;
}

// One part of this block's rows.
template <class W>
__device__ __forceinline__ void multiply_part(const Instruction& in, int part, const char* operands, int count, Ring& ring, Sums (&sum)[kGroups]) {
  using L = Lane<W>;
  const int bytes = min(kPartBytes, (in.k - part * L::kPart) * static_cast<int>(sizeof(W)));
  const int pitch = operand_pitch<W>(in.k);
  uint32_t b[kChunks][L::kOperands];
#pragma unroll
  for (int j = 0; j < kChunks; j++) {
    const int first = part * L::kPart + (j * kWarps + threadIdx.x / 32) * (4 * L::kInputs) + threadIdx.x % 4 * L::kInputs;
    read_operands<W>(operands, pitch, in.rows, min(first, in.k - L::kInputs), b[j]);  // beyond k the weights are 0
  }
#pragma unroll
  for (int group = 0; group < kGroups; group++) {
    if (group * kGroup < count) {
      ring.landed();
      multiply_stage<W>(ring.stage(), bytes, b, sum[group]);
      ring.release();
    }
  }
}

// sums: [rows of this block][sequences][kWarps + 1].
__device__ __forceinline__ void keep(const Sums (&sum)[kGroups], int rows, int count, float* sums) {
  const int b = threadIdx.x % 4;
  const int warp = threadIdx.x / 32;
#pragma unroll
  for (int group = 0; group < kGroups; group++) {
    const int row = group * kGroup + threadIdx.x % 32 / 4;
    if (b < rows && row < count) {
      sums[(row * rows + b) * (kWarps + 1) + warp] = sum[group][0] + sum[group][1];
    }
    if (b < rows && row + 8 < count) {
      sums[((row + 8) * rows + b) * (kWarps + 1) + warp] = sum[group][2] + sum[group][3];
    }
  }
  meet();
}

template <class W>
__device__ void product(const Instruction& in, const ProductAhead& ahead, Ring& ring, char* operands, float* sums, float* weights, float* space) {
  int from, to;
  share(in.n, from, to);
  const int count = to - from;
  const bool own = static_cast<int>(threadIdx.x) < count * in.rows;
  const float residual = own ? residual_of(in, from + threadIdx.x / in.rows, threadIdx.x % in.rows) : 0.0f;
  load_inputs<W>(in, ahead.norm, weights, space, operands);
  Sums sum[kGroups] = {};
  for (int part = 0; part * Lane<W>::kPart < in.k; part++) {
    multiply_part<W>(in, part, operands, count, ring, sum);
  }
  keep(sum, in.rows, count, sums);
  for (int i = threadIdx.x; i < count * in.rows; i += kConsumers) {
    const int b = i % in.rows;
    const int row = from + i / in.rows;
    float total = 0;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      total += sums[i * (kWarps + 1) + w];
    }
    const bool first = i == static_cast<int>(threadIdx.x);
    settle(finish(in, row, b, total, first ? ahead.bias : in.bias ? __ldg(in.bias + row) : 0.0f, first ? ahead.scale : in.scale ? __ldg(in.scale + row) : 1.0f,
                  first ? residual : residual_of(in, row, b)));
  }
}

#endif

}  // namespace
