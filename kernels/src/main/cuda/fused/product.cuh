// y = alpha * activation(scale * (w x) + bias) + residual for this block's rows of w.
#pragma once

#include "common/activation.cuh"
#include "fused/cache.cuh"
#include "fused/matrix.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

// What has the same place in any block's shared memory, in front of the ring: its barriers, two instructions, what the warps tell each other.
constexpr int kFixedBytes = (3 * kMaxStages * 8 + 2 * static_cast<int>(sizeof(Instruction)) + kRows * kWarps * 2 * 4 + 127) / 128 * 128;

// A block's shared memory without the ring; and the memory through which blocks tell each other.
struct Space {
  Instruction* code;  // [2]
  float* few;         // what the warps tell each other
  char* operands;     // of a product
  float* sums;        // of a product, of the warps of an attention
  float* exchange;
};

// The outputs that a thread finishes: of sequence threadIdx.x / 64 those rows of the block's that threadIdx.x % 64 begins, each 64 further.
__device__ __forceinline__ int own_sequence() { return threadIdx.x / 64; }

// What the first of them needs and no phase writes: fetched while other blocks are still busy with the phase before; and where it goes.
struct ProductAhead {
  float bias, scale, alpha;
  int activation;
  const float* residual;  // or null
  float* out;             // null where this thread finishes nothing
  float* stays;           // or null
  void* kept;             // where a half goes, or null
  InputsAhead inputs;
};

// Where an output stays behind the program: keys and values in the caches, unless the slot is below 0, the others in y. A launch writes none of them twice (Exchange.java sees
// to it), so these stores need no order.
__device__ __forceinline__ bool cached(const Instruction& in, int row) { return in.slots && row >= in.split; }

template <class C>
__device__ __forceinline__ C* kept(const Instruction& in, int row, int b) {
  const int64_t slot = __ldg(in.slots + b);
  return slot < 0 ? nullptr : (row < 2 * in.split ? static_cast<C*>(in.keys) - in.split : static_cast<C*>(in.values) - 2 * in.split) + slot * in.cache_row + row;
}

// One pointer where all are floats: a second one costs registers.
template <class C>
__device__ __forceinline__ void look_where(const Instruction& in, int row, int b, ProductAhead& ahead) {
  ahead.stays = in.y ? in.y + static_cast<int64_t>(b) * in.y_row + row : nullptr;
  ahead.kept = nullptr;
  if (cached(in, row)) {
    if constexpr (sizeof(C) == 4) {
      ahead.stays = kept<C>(in, row, b);
    } else {
      ahead.stays = nullptr;
      ahead.kept = kept<C>(in, row, b);
    }
  }
}

template <class C>
__device__ __forceinline__ void look_ahead_to(const Instruction& in, float* exchange, int row, int b, ProductAhead& ahead) {
  ahead.bias = in.bias ? __ldg(in.bias + row) : 0.0f;
  ahead.scale = in.scale ? __ldg(in.scale + row) : 1.0f;
  ahead.alpha = in.alpha;
  ahead.activation = in.activation;
  ahead.residual = in.residual < 0 ? nullptr : exchange + in.residual + b * in.residual_row + row;
  ahead.out = exchange + in.out + b * in.out_row + row;
  look_where<C>(in, row, b, ahead);
}

template <class C>
__device__ __forceinline__ void look_ahead(const Instruction& in, float* exchange, ProductAhead& ahead) {
  int from, to;
  share(in, from, to);
  const int b = own_sequence();
  const int row = from + threadIdx.x % 64;
  if (b < in.rows && row < to) {
    look_ahead_to<C>(in, exchange, row, b, ahead);
  }
  ahead.inputs.fetch<C>(in);
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

template <class C>
__device__ __forceinline__ void finish(const ProductAhead& ahead, float sum, float residual) {
  const float v = fmaf(ahead.alpha, activate_any(ahead.activation, sum * ahead.scale + ahead.bias), ahead.residual ? awaited(residual, ahead.residual) : 0.0f);
  offer(ahead.out, v);
  if (ahead.stays) {
    *ahead.stays = v;
  }
  if constexpr (sizeof(C) < 4) {
    if (ahead.kept) {
      *static_cast<C*>(ahead.kept) = __float2half_rn(v);
    }
  }
}

// A group of this block's rows, 16 of `rows`, over all parts.
template <class W>
__device__ __forceinline__ void multiply_group(const Instruction& in, const char* operands, int rows, Ring& ring, Sums& sum) {
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
    multiply_stage<W>(ring.stage(), rows, bytes, b, sum);
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
__device__ __forceinline__ void product(const Instruction& in, ProductAhead& ahead, Ring& ring, const Space& space) {
  using C = typename CacheOf<W>::Type;
  int from, to;
  share(in, from, to);
  const int count = to - from;
  const int b = own_sequence();
  float residual = 0;
  look_at(ahead.residual ? ahead.residual : space.exchange, residual);
  load_inputs<W>(in, space.exchange + in.in, ahead.inputs, space.few, space.operands);
  for (int group = 0; group < count; group += kGroup) {
    Sums sum = {};
    multiply_group<W>(in, space.operands, count - group, ring, sum);
    keep(sum, group, in.rows, count, space.sums);
  }
  meet();
  if (ahead.out) {
    finish<C>(ahead, total(space.sums + (b * count + threadIdx.x % 64) * (kWarps + 1)), residual);
    for (int row = threadIdx.x % 64 + 64; row < count; row += 64) {
      look_ahead_to<C>(in, space.exchange, from + row, b, ahead);
      look_at(ahead.residual ? ahead.residual : space.exchange, residual);
      finish<C>(ahead, total(space.sums + (b * count + row) * (kWarps + 1)), residual);
    }
  }
}

#endif

}  // namespace
