// Sums down columns: a block has 8 neighbouring columns (a sector of memory) and 64 threads for each, of which every one adds every 64th
// row; then their sums are added in a fixed order.
#pragma once

#include "common/memory.cuh"

#define COLUMNS 8
#define SHARING 64
#define WARPS (COLUMNS * SHARING / 32)

// Two sums at once.
struct Sums {
  float a;
  float b;
};

// Σ f(x[t]) of the calling thread's column over rows [from, to); all threads of the column get it. All threads of the block must be here.
template <class F>
__device__ __forceinline__ Sums column_sums(const float* x, int64_t row, int64_t from, int64_t to, bool there, F f) {
  __shared__ Sums parts[WARPS][COLUMNS];
  Sums sum = {0, 0};
  if (there) {
#pragma unroll 8
    for (int64_t t = from + threadIdx.x / COLUMNS; t < to; t += SHARING) {
      const Sums s = f(x[t * row]);
      sum.a += s.a;
      sum.b += s.b;
    }
  }
#pragma unroll
  for (int step = COLUMNS; step < 32; step *= 2) {  // four rows of threads in a warp
    sum.a += __shfl_xor_sync(0xffffffffu, sum.a, step);
    sum.b += __shfl_xor_sync(0xffffffffu, sum.b, step);
  }
  __syncthreads();  // the readers of an earlier call are done
  if (threadIdx.x % 32 < COLUMNS) {
    parts[threadIdx.x / 32][threadIdx.x % COLUMNS] = sum;
  }
  __syncthreads();
  sum = parts[0][threadIdx.x % COLUMNS];
#pragma unroll
  for (int i = 1; i < WARPS; i++) {
    sum.a += parts[i][threadIdx.x % COLUMNS].a;
    sum.b += parts[i][threadIdx.x % COLUMNS].b;
  }
  return sum;
}
