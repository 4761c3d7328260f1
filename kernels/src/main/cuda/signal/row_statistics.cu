// Mean and unbiased standard deviation of each column: the first of two passes reads memory, the second the caches.
// The mean is a float and its remainder, found in the second pass: see layer_norm.cu.
//
// Ladder:
//  1. 32 columns and 32 threads for each in a block, three passes: [750, 512] 8.7 us, 16 blocks that wait for memory six times.
//  2. 8 columns and 64 threads for each, two passes. Predicted: 3.5 us; got: not measured.
#include "signal/columns.cuh"

extern "C" __global__ void __launch_bounds__(COLUMNS * SHARING)
    row_statistics(const float* __restrict__ x, float* __restrict__ y, int x_row, int y_row, int rows, int d, int, void*) {
  const int c = blockIdx.x * COLUMNS + threadIdx.x % COLUMNS;
  const bool there = c < d;
  const float mean = column_sums(x + c, x_row, 0, rows, there, [](float v) { return Sums{v, 0}; }).a / rows;
  const Sums off = column_sums(x + c, x_row, 0, rows, there, [&](float v) { return Sums{v - mean, (v - mean) * (v - mean)}; });
  if (there && threadIdx.x < COLUMNS) {
    const float rest = off.a / rows;
    y[c] = isfinite(rest) ? mean + rest : mean;  // a column with one infinity has an infinite mean
    y[static_cast<int64_t>(y_row) + c] = sqrtf(fmaf(-off.a, rest, off.b) / (rows - 1));
  }
}
