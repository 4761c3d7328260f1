// Product with 16-bit and 8-bit weights on tensor cores: see gemm/mma.cuh.
//
// Ladder (2582x1536x512 half precision, H100; 4.06 GFLOP, 763 TFLOP/s measured for a library's 8192^3: floor 5.3 us):
//   float32 tiles of gemm.cu                                         predicted  90 us     got -
//   128x128 tiles, mma.sync, four slices under way                   predicted  11 us     got -      512 cycles of shared memory per 1.05 MFLOP: 474 TFLOP/s at most
#include "gemm/mma.cuh"

#define MMA_ENTRIES(name, factors, weights)                                                             \
  GEMM_ENTRY(gemm_mma_##name##_128x128, MMA_THREADS, 2, gemm_mma<factors, weights, 128, 128, 2, 4>)     \
  GEMM_ENTRY(gemm_mma_##name##_128x64, MMA_THREADS, 2, gemm_mma<factors, weights, 128, 64, 4, 2>)       \
  GEMM_ENTRY(gemm_mma_##name##_64x64, MMA_THREADS, 3, gemm_mma<factors, weights, 64, 64, 2, 4>)         \
  GEMM_ENTRY(gemm_mma_##name##_128x32, MMA_THREADS, 3, gemm_mma<factors, weights, 128, 32, 4, 2>)

MMA_ENTRIES(f16, __half, __half)
MMA_ENTRIES(bf16, __nv_bfloat16, __nv_bfloat16)
MMA_ENTRIES(i8, __half, int8_t)

namespace {

// The pieces of k in order, and what follows the sums. Threads take runs of four columns.
__device__ __forceinline__ void reduce(const GemmCall& g, int pieces) {
  const int pitch = (g.n + 3) & -4;
  const int64_t apart = static_cast<int64_t>(g.count()) * pitch;
  const bool wide = g.y_wide();
  for_items(g.count(), pitch / 4, [&](int row, int quad) {
    const float4* parts = reinterpret_cast<const float4*>(g.scratch + static_cast<int64_t>(row) * pitch + 4 * quad);
    float4 sums = parts[0];
    for (int p = 1; p < pieces; p++) {
      sums = map4(sums, parts[p * (apart / 4)], [](float a, float b) { return a + b; });
    }
    finish4(g, sums, g.y_at(row), 4 * quad, wide);
  });
}

template <int PIECES>
__device__ __forceinline__ void reduce(const GemmCall& g) {
  reduce(g, PIECES);
}

}  // namespace

GEMM_ENTRY(gemm_mma_reduce_2, 256, 4, reduce<2>)
GEMM_ENTRY(gemm_mma_reduce_4, 256, 4, reduce<4>)
GEMM_ENTRY(gemm_mma_reduce_8, 256, 4, reduce<8>)
