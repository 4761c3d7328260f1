// Weights of a stage times inputs, on tensor cores.
//
// A row of weights is cut into parts of 2560 bytes, those into chunks of 64. Chunk c of a part belongs to warp c % 8; four lanes share it, 16 bytes of weights each. The order
// in which a product adds its inputs is free, so a lane's 16 bytes of weights are its operands of mma as they lie.
#pragma once

#include "fused/inputs.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

constexpr int kChunks = kPartBytes / 64 / kWarps;  // of a warp in a part

template <class W>
struct Lane {
  static constexpr int kInputs = 16 / sizeof(W);            // of a lane in a chunk
  static constexpr int kPart = kPartBytes / sizeof(W);      // inputs of a part
  static constexpr int kOperands = sizeof(W) == 1 ? 8 : 4;  // registers of a chunk's operands
};

// The leading 11 digits of a float: what tensor cores read of it.
__device__ __forceinline__ uint32_t leading(uint32_t bits) { return bits & 0xffffe000u; }
__device__ __forceinline__ uint32_t remaining(uint32_t bits) { return __float_as_uint(__uint_as_float(bits) - __uint_as_float(leading(bits))); }

// The operands of a chunk whose first input for this lane is `first`, of column lane / 4: even columns have what fits, odd ones the rest.
template <class W>
__device__ __forceinline__ void read_operands(const char* operands, int pitch, int rows, int first, uint32_t (&b)[Lane<W>::kOperands]) {
  const int column = threadIdx.x % 32 / 4;
  if constexpr (sizeof(W) == 4) {
    const uint4 v = *reinterpret_cast<const uint4*>(operands + min(column / 2, rows - 1) * pitch + 4 * first);
    const uint32_t bits[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
    for (int e = 0; e < 4; e++) {
      b[e] = column % 2 ? remaining(bits[e]) : leading(bits[e]);
    }
  } else {
    const uint4* row = reinterpret_cast<const uint4*>(operands + min(column, 2 * rows - 1) * pitch + 2 * first);
#pragma unroll
    for (int i = 0; i < Lane<W>::kOperands / 4; i++) {
      const uint4 v = row[i];
      b[4 * i] = v.x, b[4 * i + 1] = v.y, b[4 * i + 2] = v.z, b[4 * i + 3] = v.w;
    }
  }
}

// Two sums, so that one product need not wait for the other. low: 16 bytes of row g = lane / 4 of the group; high: of row g + 8.
template <class W>
__device__ __forceinline__ void multiply(Sums (&sum)[2], uint4 low, uint4 high, const uint32_t (&b)[4], const W* type) {
  mma(sum[0], low.x, high.x, low.y, high.y, b[0], b[1], type);
  mma(sum[1], low.z, high.z, low.w, high.w, b[2], b[3], type);
}

__device__ __forceinline__ void multiply(Sums (&sum)[2], uint4 low, uint4 high, const uint32_t (&b)[4], const float* type) {
  mma(sum[0], leading(low.x), leading(high.x), leading(low.y), leading(high.y), b[0], b[1], type);
  mma(sum[1], leading(low.z), leading(high.z), leading(low.w), leading(high.w), b[2], b[3], type);
  mma(sum[0], remaining(low.x), remaining(high.x), remaining(low.y), remaining(high.y), b[0], b[1], type);
  mma(sum[1], remaining(low.z), remaining(high.z), remaining(low.w), remaining(high.w), b[2], b[3], type);
}

// Four bytes as halves: a byte as the low mantissa bits of 1024 + 128, one permutation and one subtraction for two.
__device__ __forceinline__ void widen(uint32_t bytes, uint32_t& first, uint32_t& second) {
  const uint32_t biased = bytes ^ 0x80808080u;
  const uint32_t bias = 0x64806480u;  // 1152 twice
  uint32_t low = __byte_perm(biased, 0x64646464u, 0x4140), high = __byte_perm(biased, 0x64646464u, 0x4342);
  const __half2 one = __hsub2(*reinterpret_cast<const __half2*>(&low), *reinterpret_cast<const __half2*>(&bias));
  const __half2 two = __hsub2(*reinterpret_cast<const __half2*>(&high), *reinterpret_cast<const __half2*>(&bias));
  first = *reinterpret_cast<const uint32_t*>(&one), second = *reinterpret_cast<const uint32_t*>(&two);
}

__device__ __forceinline__ void multiply(Sums (&sum)[2], uint4 low, uint4 high, const uint32_t (&b)[8], const int8_t*) {
  const uint32_t lows[4] = {low.x, low.y, low.z, low.w}, highs[4] = {high.x, high.y, high.z, high.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    uint32_t a[4];
    widen(lows[i], a[0], a[2]);
    widen(highs[i], a[1], a[3]);
    mma(sum[i % 2], a[0], a[1], a[2], a[3], b[2 * i], b[2 * i + 1], static_cast<const __half*>(nullptr));
  }
}

// One stage: `rows` rows, 16 at most, of `bytes` each.
template <class W>
__device__ __forceinline__ void multiply_stage(const char* stage, int rows, int bytes, const uint32_t (&b)[kChunks][Lane<W>::kOperands], Sums& sum) {
  const int chunk = threadIdx.x / 32 * 64;
  const int own = chunk + threadIdx.x % 4 * 16;
  const char* row = stage + threadIdx.x % 32 / 4 * kPitch + own;
  const bool lower = static_cast<int>(threadIdx.x) % 32 / 4 + 8 < rows;  // fewer lanes read faster
  uint4 low[kChunks], high[kChunks];
#pragma unroll
  for (int j = 0; j < kChunks; j++) {
    const bool inside = own + j * kWarps * 64 < bytes;
    low[j] = inside ? *reinterpret_cast<const uint4*>(row + j * kWarps * 64) : make_uint4(0, 0, 0, 0);
    high[j] = inside && lower ? *reinterpret_cast<const uint4*>(row + j * kWarps * 64 + 8 * kPitch) : make_uint4(0, 0, 0, 0);
  }
  Sums part[2] = {};
#pragma unroll
  for (int j = 0; j < kChunks; j++) {
    if (chunk + j * kWarps * 64 < bytes) {
      multiply(part, low[j], high[j], b[j], static_cast<const W*>(nullptr));
    }
  }
#pragma unroll
  for (int i = 0; i < 4; i++) {
    sum[i] += part[0][i] + part[1][i];
  }
}

#endif

}  // namespace
