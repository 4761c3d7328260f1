// Means over runs of rows: a block for 8 columns of a run, one pass.
#include "signal/columns.cuh"

extern "C" __global__ void __launch_bounds__(COLUMNS * SHARING)
    segment_mean(const float* __restrict__ x, float* __restrict__ y, int segment, int x_row, int y_row, int rows, int d, int, void*) {
  const int blocks = (d + COLUMNS - 1) / COLUMNS;
  const int s = blockIdx.x / blocks;
  const int c = blockIdx.x % blocks * COLUMNS + threadIdx.x % COLUMNS;
  const int64_t first = static_cast<int64_t>(s) * segment;
  const int64_t last = min(static_cast<int64_t>(rows), first + segment);
  const float sum = column_sums(x + c, x_row, first, last, c < d, [](float v) { return Sums{v, 0}; }).a;
  if (c < d && threadIdx.x < COLUMNS) {
    at(y, s, y_row)[c] = sum / static_cast<float>(last - first);
  }
}
