// How the blocks of a resident grid agree.
//
// Everything that a phase makes for another has a place of its own in the exchange, which holds kNothing before the launch: a reader that finds something has found the right
// thing. So nobody waits until a number has arrived at L2 before he says that it is on its way, and the barrier only keeps readers from looking too early: hundreds of threads that
// look again and again at the same few lines of L2 hold up the numbers themselves (785 us instead of 614).
#pragma once

#include "fused/instruction.cuh"
#include "fused/ring.cuh"

namespace {

constexpr uint32_t kNothing = 0x7fa5c3e1u;  // a NaN that no arithmetic makes: Exchange.java knows

#if __CUDA_ARCH__ >= 900

// The consuming warps only.
__device__ __forceinline__ void meet() { barrier_of<kConsumers>(); }

__device__ __forceinline__ bool arrived(float v) { return __float_as_uint(v) != kNothing; }
__device__ __forceinline__ bool arrived(float2 v) { return arrived(v.x) & arrived(v.y); }
__device__ __forceinline__ bool arrived(float4 v) { return arrived(v.x) & arrived(v.y) & arrived(v.z) & arrived(v.w); }

// Puts a number into the exchange.
__device__ __forceinline__ void offer(float* to, float v) { store(to, arrived(v) ? v : NAN); }

// What was seen at a place of the exchange, once all of it is there.
template <class V>
__device__ __forceinline__ V awaited(V seen, const float* from) {
  while (!arrived(seen)) {
    look_at(from, seen);
  }
  return seen;
}

// Of several, of which v[i] was seen at from(i): as a rule all are there, and one branch instead of N lets the arithmetic behind it overlap.
template <int N, class V, class F>
__device__ __forceinline__ void await_each(V (&v)[N], F from) {
  bool all = true;
#pragma unroll
  for (int i = 0; i < N; i++) {
    all &= arrived(v[i]);
  }
  if (!all) {
#pragma unroll
    for (int i = 0; i < N; i++) {
      v[i] = awaited(v[i], from(i));
    }
  }
}

// The barrier of the grid, in two halves: what does not depend on other blocks is fetched between them. After it all numbers are in the exchange or about to be.
__device__ __forceinline__ void arrive_all(unsigned* counter) {
  meet();
  if (threadIdx.x == 0) {
    add_one(counter);
  }
}

// `turn` counts the barriers of this launch.
__device__ __forceinline__ void await_all(const unsigned* counter, unsigned turn) {
  if (threadIdx.x == 0) {
    while (look_at(counter) < turn * gridDim.x) {
    }
  }
  meet();
}

#endif

// This block's rows of a product.
__device__ __forceinline__ void share(const Instruction& in, int& from, int& to) {
  from = min(in.n, static_cast<int>(blockIdx.x) * in.share);
  to = min(in.n, from + in.share);
}

}  // namespace
