// How the blocks of a resident grid agree.
#pragma once

#include "fused/ring.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

// The consuming warps only.
__device__ __forceinline__ void meet() { asm volatile("bar.sync 1, %0;" ::"n"(kConsumers) : "memory"); }

// Stores a number where other blocks will read it, and returns when it is there: an exchange answers from the L2 cache, the point at which blocks see each other. A fence
// would wait for everything that the multiprocessor has on its way, the stream of weights included (2000 to 5000 cycles were seen). The caller hands the answers to settle().
__device__ __forceinline__ uint32_t publish(float* to, float v) {
  uint32_t before;
  asm volatile("atom.relaxed.gpu.global.exch.b32 %0, [%1], %2;" : "=r"(before) : "l"(to), "r"(__float_as_uint(v)) : "memory");
  return before;
}

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
    asm volatile("red.relaxed.gpu.global.add.u32 [%0], 1;" ::"l"(counter) : "memory");
  }
}

// `turn` counts the barriers of this launch.
__device__ __forceinline__ void await_all(const unsigned* counter, unsigned turn) {
  if (threadIdx.x == 0) {
    const unsigned target = turn * gridDim.x;
    unsigned seen;
    do {
      asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(counter) : "memory");
    } while (seen < target);
  }
  meet();
}

#endif

// This block's rows of n.
__device__ __forceinline__ void share(int n, int& from, int& to) {
  const int each = (n + gridDim.x - 1) / gridDim.x;
  from = min(n, static_cast<int>(blockIdx.x) * each);
  to = min(n, from + each);
}

}  // namespace
