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

// Positions of a piece of attention: DecodeProgram.java knows. As many as three sequences of a common length need for each block to have at most one.
template <class C>
constexpr int kPiece = sizeof(C) == 4 ? 192 : 320;

// Pieces of a sequence.
template <class C>
__device__ __forceinline__ int pieces_of(int length) {
  return (length + kPiece<C> - 1) / kPiece<C>;
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
