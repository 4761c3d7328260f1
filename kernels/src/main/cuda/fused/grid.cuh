// How the blocks of a resident grid agree.
#pragma once

#include "fused/instruction.cuh"
#include "fused/ring.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

// The consuming warps only.
__device__ __forceinline__ void meet() { barrier_of<kConsumers>(); }

// Stores a number where other blocks will read it, and returns when it is there: an exchange answers from the L2 cache, the point at which blocks see each other. A fence
// would wait for everything that the multiprocessor has on its way, the stream of weights included (2000 to 5000 cycles were seen). The caller hands the answers to settle().
__device__ __forceinline__ uint32_t publish(float* to, float v) { return exchange(to, v); }

// Waits for answers of publish(): they have to be looked at. No kernel ever writes this NaN.
__device__ __forceinline__ void settle(uint32_t before) {
  if (before == 0x7fa5c3e1u) {
    __trap();
  }
}

// The barrier of the grid, in two halves: what does not depend on other blocks is fetched between them. All that was published before arrive_all is seen after await_all
// by loads that go to the L2 cache (ld.cg).
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
