// y = alpha * activation(scale * (w x) + bias) + residual for this block's rows of w.
#pragma once

#include "common/activation.cuh"
#include "fused/matrix.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

// The outputs that a thread finishes: of sequence threadIdx.x / 64 those rows of the block's that threadIdx.x % 64 begins, each 64 further.
__device__ __forceinline__ int own_sequence() { return threadIdx.x / 64; }

// What the first of them needs and no phase writes: fetched while other blocks are still busy with the phase before.
struct ProductAhead {
  float bias, scale;
  int slot;
  Norm norm;
};

__device__ __forceinline__ void read_constants(const Instruction& in, int row, ProductAhead& ahead) {
  ahead.bias = in.bias ? __ldg(in.bias + row) : 0.0f;
  ahead.scale = in.scale ? __ldg(in.scale + row) : 1.0f;
}

__device__ __forceinline__ void look_ahead(const Instruction& in, ProductAhead& ahead) {
  int from, to;
  share(in, from, to);
  const int b = own_sequence();
  const int row = from + threadIdx.x % 64;
  if (b < in.rows && row < to) {
    read_constants(in, row, ahead);
  }
  if (in.slots && b < in.rows) {
    ahead.slot = __ldg(in.slots + b);
  }
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
__device__ __forceinline__ uint32_t finish(const Instruction& in, int row, int b, float sum, const ProductAhead& ahead, float residual) {
  const float v = fmaf(in.alpha, activate_any(in.activation, sum * ahead.scale + ahead.bias), residual);
  if (in.slots && row >= in.split) {
    float* cache = row < 2 * in.split ? in.keys - in.split : in.values - 2 * in.split;
    return publish(cache + static_cast<int64_t>(ahead.slot) * in.cache_row + row, v);
  }
  return publish(in.y + static_cast<int64_t>(b) * in.y_row + row, v);
}

__device__ __forceinline__ float residual_of(const Instruction& in, int row, int b) {
  return in.residual ? __ldcg(in.residual + static_cast<int64_t>(b) * in.y_row + row) : 0.0f;
}

// A group of this block's rows, over all parts.
template <class W>
__device__ __forceinline__ void multiply_group(const Instruction& in, const char* operands, Ring& ring, Sums& sum) {
  using L = Lane<W>;
  const int pitch = operand_pitch<W>(in.k);
  for (int part = 0; part * L::kPart < in.k; part++) {
    const int bytes = min(kPartBytes, (in.k - part * L::kPart) * static_cast<int>(sizeof(W)));
    uint32_t b[kChunks][L::kOperands];
#pragma unroll
    for (int j = 0; j < kChunks; j++) {
      const int first = part * L::kPart + (j * kWarps + threadIdx.x / 32) * (4 * L::kInputs) + threadIdx.x % 4 * L::kInputs;
      read_operands<W>(operands, pitch, in.rows, min(first, in.k - L::kInputs), b[j]);  // beyond k the weights are 0
    }
    ring.landed();
    multiply_stage<W>(ring.stage(), bytes, b, sum);
    ring.release();
  }
}

// sums: [sequences][rows of this block][kWarps + 1].
__device__ __forceinline__ void keep(const Sums& sum, int group, int rows, int count, float* sums) {
  const int b = threadIdx.x % 4;
  const int row = group + threadIdx.x % 32 / 4;
  float* mine = sums + (b * count + row) * (kWarps + 1) + threadIdx.x / 32;
  if (b < rows && row < count) {
    mine[0] = sum[0] + sum[1];
  }
  if (b < rows && row + 8 < count) {
    mine[8 * (kWarps + 1)] = sum[2] + sum[3];
  }
}

__device__ __forceinline__ float total(const float* sums) {
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    sum += sums[w];
  }
  return sum;
}

template <class W>
__device__ __forceinline__ void product(const Instruction& in, ProductAhead& ahead, Ring& ring, char* operands, float* sums, float* weights, float* space) {
  int from, to;
  share(in, from, to);
  const int count = to - from;
  const int b = own_sequence();
  const int own = threadIdx.x % 64;
  float residual = b < in.rows && own < count ? residual_of(in, from + own, b) : 0.0f;
  load_inputs<W>(in, ahead.norm, weights, space, operands);
  for (int group = 0; group < count; group += kGroup) {
    Sums sum = {};
    multiply_group<W>(in, operands, ring, sum);
    keep(sum, group, in.rows, count, sums);
  }
  meet();
  if (b < in.rows) {
    for (int row = own; row < count; row += 64) {
      if (row >= 64) {
        read_constants(in, from + row, ahead);
        residual = residual_of(in, from + row, b);
      }
      settle(finish(in, from + row, b, total(sums + (b * count + row) * (kWarps + 1)), ahead, residual));
    }
  }
}

#endif

}  // namespace
