// Logarithms of the probabilities of each row, in double as the specification: one block for each row.
#include "sample/rows.cuh"

extern "C" __global__ void __launch_bounds__(ROW_THREADS) log_softmax(const float* x, float* y, int x_row, int y_row, int rows, int d, void*) {
  const float* from = x + static_cast<int64_t>(blockIdx.x) * x_row;
  float* to = y + static_cast<int64_t>(blockIdx.x) * y_row;
  const double most = greatest(from, d);
  const double norm = most + log(exponentials(from, d, most));
  for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
    to[c] = static_cast<float>(from[c] - norm);
  }
}
