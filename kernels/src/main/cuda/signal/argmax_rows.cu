// Where each row is largest: a block for a row, one pass, 16 bytes a thread where the rows allow it.
#include "common/memory.cuh"

// Value and column in one number that orders as the kernel wants: larger values first, then smaller columns; NaN below everything, -0
// beside +0.
__device__ __forceinline__ uint64_t key(float v, int column) {
  const uint32_t bits = __float_as_uint(v == 0.0f ? 0.0f : v);
  const uint32_t order = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return static_cast<uint64_t>(isnan(v) ? 0 : order) << 32 | ~static_cast<uint32_t>(column);
}

__device__ __forceinline__ uint64_t warp_max(uint64_t v) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    v = max(v, __shfl_xor_sync(0xffffffffu, v, step));
  }
  return v;
}

extern "C" __global__ void __launch_bounds__(256)
    argmax_rows(const float* __restrict__ x, int* __restrict__ y, int x_row, int rows, int d, void*) {
  __shared__ uint64_t warps[8];
  for (int r = blockIdx.x; r < rows; r += gridDim.x) {
    const float* row = at(x, r, x_row);
    uint64_t best = key(__int_as_float(0x7fffffff), 0);
    with_width(d % 4 == 0 && fours(row), [&](auto width) {
      constexpr int W = width.value;
#pragma unroll 8
      for (int i = threadIdx.x * W; i < d; i += 256 * W) {
        const Floats<W> v = load<W>(row + i);
#pragma unroll
        for (int k = 0; k < W; k++) {
          best = max(best, key(v.at[k], i + k));
        }
      }
    });
    best = warp_max(best);
    if (threadIdx.x % 32 == 0) {
      warps[threadIdx.x / 32] = best;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
#pragma unroll
      for (int i = 1; i < 8; i++) {
        best = max(best, warps[i]);
      }
      y[r] = static_cast<int>(~static_cast<uint32_t>(best));
    }
    __syncthreads();
  }
}
