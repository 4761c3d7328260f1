// Copies the beginnings of cache blocks in all planes of a pool. Grid: parts x planes x rows; most of the time there is nothing to copy, and the blocks leave at once.
#include <stdint.h>

extern "C" __global__ void __launch_bounds__(256)
    copy_blocks(const int* pairs, const int* fills, float* pool, int blocks, int block_size, int pairs_row, int pool_row, int rows, int two, int places, int d, void*) {
  const int r = blockIdx.z, fill = min(fills[r], block_size);
  if (fill <= 0) {
    return;
  }
  const int* pair = pairs + static_cast<int64_t>(r) * pairs_row;
  const int64_t plane = static_cast<int64_t>(blockIdx.y) * blocks * block_size;
  const float* from = pool + (plane + static_cast<int64_t>(pair[0]) * block_size) * pool_row;
  float* to = pool + (plane + static_cast<int64_t>(pair[1]) * block_size) * pool_row;
  const int first = blockIdx.x * blockDim.x + threadIdx.x, step = gridDim.x * blockDim.x;
  if (d % 4 == 0 && pool_row % 4 == 0 && reinterpret_cast<uintptr_t>(pool) % 16 == 0) {
    const int quads = d / 4;
    for (int i = first; i < fill * quads; i += step) {
      const int64_t at = static_cast<int64_t>(i / quads) * (pool_row / 4) + i % quads;
      reinterpret_cast<float4*>(to)[at] = reinterpret_cast<const float4*>(from)[at];
    }
    return;
  }
  for (int i = first; i < fill * d; i += step) {
    const int64_t at = static_cast<int64_t>(i / d) * pool_row + i % d;
    to[at] = from[at];
  }
}
