// Sums down columns: a block of 32 by 32 threads has 32 neighbouring columns; each of its 32 rows of threads adds every 32nd row, then their sums are added in order.
#pragma once

#include <cstdint>

#define SIDE 32

// Σ f(x[t]) of the calling thread's column over rows [from, to); all threads of the column get it. All threads of the block must be here.
template <class F>
__device__ __forceinline__ float column_sum(const float* x, int64_t row, int from, int to, bool there, F f) {
  __shared__ float parts[SIDE][SIDE + 1];
  const int column = threadIdx.x % SIDE;
  float sum = 0;
  if (there) {
#pragma unroll 4
    for (int64_t t = static_cast<int64_t>(from) + threadIdx.x / SIDE; t < to; t += SIDE) {
      sum += f(x[t * row]);
    }
  }
  __syncthreads();  // the readers of an earlier call are done
  parts[threadIdx.x / SIDE][column] = sum;
  __syncthreads();
  float total = parts[0][column];
#pragma unroll
  for (int i = 1; i < SIDE; i++) {
    total += parts[i][column];
  }
  return total;
}
