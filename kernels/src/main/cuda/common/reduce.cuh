// Sums in a fixed order: a butterfly within a warp (addition commutes, so all lanes end with the same bits), then warp after warp.
#pragma once

#include <cstdint>

// Over G neighbouring lanes, G a power of two up to 32. All lanes of the warp must be here.
template <int G, class T>
__device__ __forceinline__ T lanes_sum(T v) {
#pragma unroll
  for (int step = G / 2; step > 0; step /= 2) {
    v += __shfl_xor_sync(0xffffffffu, v, step);
  }
  return v;
}

// Over a block of WARPS warps; all threads get the sum. May follow itself: the first barrier keeps a slow warp's reads from the next
// call's writes.
template <int WARPS, class T>
__device__ __forceinline__ T block_sum(T v) {
  __shared__ T warps[WARPS];
  v = lanes_sum<32>(v);
  __syncthreads();
  if ((threadIdx.x & 31) == 0) {
    warps[threadIdx.x / 32] = v;
  }
  __syncthreads();
  T sum = warps[0];
#pragma unroll
  for (int i = 1; i < WARPS; i++) {
    sum += warps[i];
  }
  return sum;
}

// Over the G threads that share a row: some lanes of a warp, or a block.
template <int G, class T>
__device__ __forceinline__ T group_sum(T v) {
  if constexpr (G <= 32) {
    return lanes_sum<G>(v);
  } else {
    return block_sum<G / 32>(v);
  }
}
