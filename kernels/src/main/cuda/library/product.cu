// What stands around a product that NVIDIA's library computes: x rounded to the type of the weights before it, and everything that the model fuses to a product after it.
// Called by LibraryGemm, not through a declaration. Memory-bound: a launch reads and writes each number once.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "common/activation.cuh"

namespace {

__device__ __forceinline__ void rounded(float v, __half* to) { *to = __float2half_rn(v); }
__device__ __forceinline__ void rounded(float v, __nv_bfloat16* to) { *to = __float2bfloat16_rn(v); }

template <class T>
__device__ __forceinline__ void round_all(const float* x, T* y, int64_t count) {
  const int64_t step = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
    rounded(x[i], y + i);
  }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) product_round_f16(const float* x, __half* y, int64_t count) { round_all(x, y, count); }

extern "C" __global__ void __launch_bounds__(256) product_round_bf16(const float* x, __nv_bfloat16* y, int64_t count) { round_all(x, y, count); }

// y[b,m,n] = residual[b,m,n] + alpha * act(sums[b,m,n] + bias[n]); sums may be y. A block takes a row at a time; residual has y's strides, bias and residual may be absent.
extern "C" __global__ void __launch_bounds__(256) product_finish(const float* sums, const float* bias, const float* residual, float* y, int batch, int rows, int n,
                                                                 int sums_row, int sums_batch, int y_row, int y_batch, int activation, float alpha) {
  with_activation(activation, [&](auto a) {
    for (int64_t r = blockIdx.x; r < static_cast<int64_t>(batch) * rows; r += gridDim.x) {
      const int64_t b = r / rows, m = r % rows;
      const float* from = sums + b * sums_batch + m * sums_row;
      const int64_t at = b * y_batch + m * y_row;
      for (int i = threadIdx.x; i < n; i += blockDim.x) {
        const float value = alpha * activate<decltype(a)::value>(from[i] + (bias == nullptr ? 0.0f : bias[i]));
        y[at + i] = value + (residual == nullptr ? 0.0f : residual[at + i]);
      }
    }
  });
}
