// Product with 16-bit and 8-bit weights on tensor cores: gemm/group.cuh on Hopper, gemm/mma.cuh elsewhere.
//
// Ladder (2582x1536x512 half precision, H100; 4.06 GFLOP, 763 TFLOP/s measured for a library's 8192^3: floor 5.3 us):
//   float32 tiles of gemm.cu                                  predicted  90 us    got -
//   128x128 tiles, mma.sync, four slices under way            predicted  24 us    got -    99 MB from the second-level cache at 4.3 TB/s: x is float32
//   warpgroups, 128x128, three slices of 64 under way         predicted  22 us    got 23 us   of float32 x; of halves 21 us
//   a group brings, two multiply, 128x256                     predicted  12 us    got 23 us   8 slices of 1.36 us: 35 KB a microsecond and
//                                                                                             multiprocessor, 4.7 TB/s in all; 12 us of start and end
//   the copy engine brings, sums go from registers to y       predicted  13 us    got 11.2 us   0.6 us for 64 of k: the tensor cores' time; 3 us of start
//   blocks of a cluster share the weights' slices             predicted   9 us    got 16.1 us   every shape takes twice as long: not kept
//   launches begin early                                      predicted  10 us    got  9.5 us   among the others of a step: start and barriers lie under their ends
//   each tile timed on all products of the model, the choice fitted to that    predicted -     got 6.3 us for 10.1 us where few rows had the narrowest tile
// Two groups that take turns, one writing its tile while the other multiplies the next (96 columns, no residual: predicted 17 us, got 28.7 us where 33.5 us stood;
// with a residual 40.9 us for 39.3 us; 2582x3072x512 gated: predicted 16 us, got 21.9 us for 22.0 us): not kept.
// Where the time goes, by the clock in each block (H100): a slice of 64 of k takes 0.336 us with 128x128 and 0.6 us with 128x256. That is what shared memory
// gives, 128 bytes a cycle: the groups read 48 and 80 KB of a slice, the copy engine writes 32 and 48 KB. So the second-level cache is not the limit, sharing
// slices in clusters of 2 and 4 gains nothing (2582x512x1536: 13.7 and 14.1 us for 14.1 us), and more of the smaller tiles at once do not either (128x96: 14.1 us).
//   narrow tiles ask for a row's residuals at once (96 columns, the vocoder)   predicted -135 us for 27 products    got -166 us
//   residuals, and angles, asked for after the first slice is there                predicted  -12 us a step of the flow    got +10 us, the vocoder +120 us: not kept
#include "gemm/pipeline.cuh"
#include "gemm/turned.cuh"

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

#define HALF_GROUP_ENTRIES(name, y)                                                                          \
  GEMM_ENTRY(gemm_group_##name##_128x128, 256, 2, gemm_group<__half, __half, __half, y, 2, 128>)             \
  GEMM_ENTRY(gemm_group_##name##_128x96, 256, 2, gemm_group<__half, __half, __half, y, 2, 96>)               \
  GEMM_ENTRY(gemm_group_##name##_128x64, 256, 2, gemm_group<__half, __half, __half, y, 2, 64>)               \
  GEMM_ENTRY(gemm_group_##name##_64x128, 128, 3, gemm_group<__half, __half, __half, y, 1, 128>)

HALF_GROUP_ENTRIES(hf, float)
HALF_GROUP_ENTRIES(hh, __half)

// Ninety-six registers a thread leave room for two blocks.
#define PIPELINE_ENTRIES(name, y)                                                                        \
  GEMM_MAPS_ENTRY(gemm_pipeline_##name##_128x256, 384, 1, gemm_pipeline<y, 256, 4, 1>)             \
  GEMM_MAPS_ENTRY(gemm_pipeline_##name##_128x192, 384, 1, gemm_pipeline<y, 192, 5, 1>)             \
  GEMM_MAPS_ENTRY(gemm_pipeline_##name##_128x128, 384, 1, gemm_pipeline<y, 128, 6, 1>)             \
  GEMM_MAPS_ENTRY(gemm_pipeline_##name##_128x96, 288, 2, gemm_pipeline<y, 96, 4, 2>)               \
  GEMM_MAPS_ENTRY(gemm_pipeline_##name##_128x64, 288, 2, gemm_pipeline<y, 64, 4, 2>)

PIPELINE_ENTRIES(hf, float)
PIPELINE_ENTRIES(hh, __half)

namespace {

template <class Y, int ROWS, int STAGES>
__device__ __forceinline__ void gemm_turned(const GemmCall& g, const TensorMap& x_map, const TensorMap& w_map) {
  SYRINX_DYNAMIC_SHARED(memory);
  const Beside beside = {};
  TurnedTile<Y, ROWS, STAGES, false>(g, beside, x_map, w_map, memory).operate();
}

}  // namespace

#define TURNED_ENTRIES(name, y)                                                        \
  GEMM_MAPS_ENTRY(gemm_turned_##name##_56x128, 288, 1, gemm_turned<y, 56, 8>)          \
  GEMM_MAPS_ENTRY(gemm_turned_##name##_80x128, 288, 1, gemm_turned<y, 80, 8>)          \
  GEMM_MAPS_ENTRY(gemm_turned_##name##_112x128, 288, 1, gemm_turned<y, 112, 7>)

TURNED_ENTRIES(hf, float)
TURNED_ENTRIES(hh, __half)

namespace {

// x as halves in scratch memory, eight at a time. The grid has as many blocks in the second direction as the sums: one of them works.
__device__ __forceinline__ void round_x(const GemmCall& g) {
  if (blockIdx.y != 0) {
    return;
  }
  __half* to = g.rounded();
  const bool wide = aligned(g.x, 16);
  for (int64_t i = 8 * (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x); i < g.x_extent; i += 8 * static_cast<int64_t>(gridDim.x) * blockDim.x) {
    const int left = static_cast<int>(min(static_cast<int64_t>(8), g.x_extent - i));
    const float4 low = load4(g.x + i, left, wide), high = load4(g.x + i + 4, left - 4, wide);
    if (left == 8) {
      *reinterpret_cast<uint4*>(to + i) = make_uint4(pack<__half>(low.x, low.y), pack<__half>(low.z, low.w), pack<__half>(high.x, high.y), pack<__half>(high.z, high.w));
    } else {
      store4(to + i, low, left, false);
      store4(to + i + 4, high, left - 4, false);
    }
  }
}

}  // namespace

GEMM_ENTRY(gemm_mma_round, 256, 4, round_x)

namespace {

// The pieces of k in order, and what follows the sums. Threads take runs of four columns.
template <class Y>
__device__ __forceinline__ void reduce(const GemmCall& g, int pieces) {
  const int pitch = g.sums_pitch();
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

#define REDUCE_ENTRIES(pieces)                                       \
  GEMM_ENTRY(gemm_mma_reduce_##pieces, 256, 4, reduce<pieces>)       \
  GEMM_ENTRY(gemm_mma_reduce_##pieces##_half, 256, 4, reduce<pieces, __half>)

REDUCE_ENTRIES(2)
REDUCE_ENTRIES(4)
REDUCE_ENTRIES(8)
REDUCE_ENTRIES(16)
REDUCE_ENTRIES(32)
REDUCE_ENTRIES(64)
