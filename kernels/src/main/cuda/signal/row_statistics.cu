// Mean and unbiased standard deviation of each column: the first of two passes reads memory, the second the caches.
// The mean is a float and its remainder, found in the second pass: see layer_norm.cu.
#include "signal/columns.cuh"

extern "C" __global__ void __launch_bounds__(SIDE * SIDE)
    row_statistics(const float* __restrict__ x, float* __restrict__ y, int x_row, int y_row, int rows, int d, int, void*) {
  const int c = blockIdx.x * SIDE + threadIdx.x % SIDE;
  const bool there = c < d;
  const float mean = column_sum(x + c, x_row, 0, rows, there, [](float v) { return v; }) / rows;
  const float apart = column_sum(x + c, x_row, 0, rows, there, [&](float v) { return v - mean; });
  const float squares = column_sum(x + c, x_row, 0, rows, there, [&](float v) { return (v - mean) * (v - mean); });
  if (there && threadIdx.x < SIDE) {
    const float rest = apart / rows;
    y[c] = isfinite(rest) ? mean + rest : mean;  // a column with one infinity has an infinite mean
    y[static_cast<int64_t>(y_row) + c] = sqrtf((squares - apart * rest) / (rows - 1));
  }
}
