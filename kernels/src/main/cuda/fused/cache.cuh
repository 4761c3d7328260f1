// How keys and values are stored: floats beside float weights, else halves.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

namespace {

template <class W>
struct CacheOf {
  using Type = __half;
};

template <>
struct CacheOf<float> {
  using Type = float;
};

// Most positions of a piece of attention: DecodeProgram.java knows.
template <class C>
constexpr int kPiece = sizeof(C) == 4 ? 192 : 320;

// Positions that a block reads at once: a piece has a multiple.
constexpr int kAtOnce = 64;

// How a sequence is cut: two pieces up to a common length, so that three sequences have at most one for each block, and of equal size, so that none waits for a longer one.
// Its length alone decides, so that its sums are the same in any company.
struct Cut {
  int pieces, each;  // positions
};

template <class C>
__device__ __forceinline__ Cut cut(int length) {
  if (length <= kAtOnce) {
    return {1, kAtOnce};
  }
  int wanted = 2, each = (length + 1) / 2;
  if (length > 2 * kPiece<C>) {
    wanted = (length + 2 * kPiece<C> - 1) / (2 * kPiece<C>) * 2;
    each = (length + wanted - 1) / wanted;
  }
  each = (each + kAtOnce - 1) / kAtOnce * kAtOnce;
  return {wanted == 2 ? 2 : (length + each - 1) / each, each};
}

// Four neighbouring numbers as they are stored.
template <class C>
struct QuadOf {
  using Type = uint2;
};

template <>
struct QuadOf<float> {
  using Type = float4;
};

template <class C>
using Quad = typename QuadOf<C>::Type;

__device__ __forceinline__ float4 widened(float4 v) { return v; }

__device__ __forceinline__ float4 widened(uint2 v) {
  const float2 low = __half22float2(*reinterpret_cast<const __half2*>(&v.x)), high = __half22float2(*reinterpret_cast<const __half2*>(&v.y));
  return make_float4(low.x, low.y, high.x, high.y);
}

template <class C>
__device__ __forceinline__ Quad<C> narrowed(float4 v) {
  if constexpr (sizeof(C) == 4) {
    return v;
  } else {
    const __half2 low = __floats2half2_rn(v.x, v.y), high = __floats2half2_rn(v.z, v.w);
    return make_uint2(*reinterpret_cast<const uint32_t*>(&low), *reinterpret_cast<const uint32_t*>(&high));
  }
}

}  // namespace
