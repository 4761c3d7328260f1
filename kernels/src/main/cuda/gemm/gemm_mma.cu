// Product with 16-bit and 8-bit weights on tensor cores: gemm/group.cuh on Hopper, gemm/mma.cuh elsewhere.
//
// Ladder (2582x1536x512 half precision, H100; 4.06 GFLOP, 763 TFLOP/s measured for a library's 8192^3: floor 5.3 us):
//   float32 tiles of gemm.cu                                  predicted  90 us    got -
//   128x128 tiles, mma.sync, four slices under way            predicted  24 us    got -    99 MB from the second-level cache at 4.3 TB/s: x is float32
//   warpgroups, 128x128, three slices of 64 under way         predicted  22 us    got -    the same bytes; convolutions read x once for all taps
#include "gemm/group.cuh"

#define MMA_ENTRIES(name, factors, weights, x, y)                                                             \
  GEMM_ENTRY(gemm_mma_##name##_128x128, MMA_THREADS, 2, gemm_mma<factors, weights, x, y, 128, 128, 2, 4>)     \
  GEMM_ENTRY(gemm_mma_##name##_128x64, MMA_THREADS, 2, gemm_mma<factors, weights, x, y, 128, 64, 4, 2>)       \
  GEMM_ENTRY(gemm_mma_##name##_64x64, MMA_THREADS, 3, gemm_mma<factors, weights, x, y, 64, 64, 2, 4>)         \
  GEMM_ENTRY(gemm_mma_##name##_128x32, MMA_THREADS, 3, gemm_mma<factors, weights, x, y, 128, 32, 4, 2>)

MMA_ENTRIES(f16, __half, __half, float, float)
MMA_ENTRIES(bf16, __nv_bfloat16, __nv_bfloat16, float, float)
MMA_ENTRIES(i8, __half, int8_t, float, float)
MMA_ENTRIES(hf, __half, __half, __half, float)
MMA_ENTRIES(hh, __half, __half, __half, __half)

#define GROUP_ENTRIES(name, factors, weights, x, y)                                                           \
  GEMM_ENTRY(gemm_group_##name##_128x96, 256, 2, gemm_group<factors, weights, x, y, 2, 96>)                   \
  GEMM_ENTRY(gemm_group_##name##_128x64, 256, 2, gemm_group<factors, weights, x, y, 2, 64>)                   \
  GEMM_ENTRY(gemm_group_##name##_128x48, 256, 2, gemm_group<factors, weights, x, y, 2, 48>)                   \
  GEMM_ENTRY(gemm_group_##name##_128x32, 256, 2, gemm_group<factors, weights, x, y, 2, 32>)                   \
  GEMM_ENTRY(gemm_group_##name##_64x128, 128, 3, gemm_group<factors, weights, x, y, 1, 128>)
// Widened weights and 64 sums a thread do not fit the registers of two blocks.
#define WIDE_GROUP_ENTRIES(name, factors, x, y)                                                               \
  GROUP_ENTRIES(name, factors, factors, x, y)                                                                 \
  GEMM_ENTRY(gemm_group_##name##_128x128, 256, 2, gemm_group<factors, factors, x, y, 2, 128>)                 \
  GEMM_ENTRY(gemm_group_##name##_128x192, 256, 1, gemm_group<factors, factors, x, y, 2, 192, 4>)                 \
  GEMM_ENTRY(gemm_group_##name##_128x256, 256, 1, gemm_group<factors, factors, x, y, 2, 256, 4>)

GROUP_ENTRIES(i8, __half, int8_t, float, float)
WIDE_GROUP_ENTRIES(f16, __half, float, float)
WIDE_GROUP_ENTRIES(bf16, __nv_bfloat16, float, float)
WIDE_GROUP_ENTRIES(hf, __half, __half, float)
WIDE_GROUP_ENTRIES(hh, __half, __half, __half)

namespace {

// The pieces of k in order, and what follows the sums. Threads take runs of four columns.
template <class Y>
__device__ __forceinline__ void reduce(const GemmCall& g, int pieces) {
  const int pitch = (g.n + 3) & -4;
  const int64_t apart = static_cast<int64_t>(g.count()) * pitch;
  const bool wide = g.y_wide<Y>();
  for_items(g.count(), pitch / 4, [&](int row, int quad) {
    const float4* parts = reinterpret_cast<const float4*>(g.scratch + static_cast<int64_t>(row) * pitch + 4 * quad);
    float4 sums = parts[0];
    for (int p = 1; p < pieces; p++) {
      sums = map4(sums, parts[p * (apart / 4)], [](float a, float b) { return a + b; });
    }
    finish4<Y>(g, sums, g.y_at(row), 4 * quad, wide);
  });
}

template <int PIECES, class Y = float>
__device__ __forceinline__ void reduce(const GemmCall& g) {
  reduce<Y>(g, PIECES);
}

}  // namespace

GEMM_ENTRY(gemm_mma_reduce_2, 256, 4, reduce<2>)
GEMM_ENTRY(gemm_mma_reduce_4, 256, 4, reduce<4>)
GEMM_ENTRY(gemm_mma_reduce_8, 256, 4, reduce<8>)
GEMM_ENTRY(gemm_mma_reduce_2_half, 256, 4, reduce<2, __half>)
GEMM_ENTRY(gemm_mma_reduce_4_half, 256, 4, reduce<4, __half>)
GEMM_ENTRY(gemm_mma_reduce_8_half, 256, 4, reduce<8, __half>)
