// Means over runs of rows: a block for 32 columns of a run, one pass.
#include "signal/columns.cuh"

extern "C" __global__ void __launch_bounds__(SIDE * SIDE)
    segment_mean(const float* __restrict__ x, float* __restrict__ y, int segment, int x_row, int y_row, int rows, int d, int, void*) {
  const int blocks = (d + SIDE - 1) / SIDE;
  const int s = blockIdx.x / blocks;
  const int c = blockIdx.x % blocks * SIDE + threadIdx.x % SIDE;
  const int64_t first = static_cast<int64_t>(s) * segment;
  const int last = static_cast<int>(min(static_cast<int64_t>(rows), first + segment));
  const float sum = column_sum(x + c, x_row, static_cast<int>(first), last, c < d, [](float v) { return v; });
  if (c < d && threadIdx.x < SIDE) {
    y[static_cast<int64_t>(s) * y_row + c] = sum / static_cast<float>(last - first);
  }
}
