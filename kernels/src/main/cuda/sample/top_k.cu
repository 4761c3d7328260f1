// Drops all but the k best scores of a row. The k-th best is found bit by bit, by counting: no sort, no order of arrival.
//
// Ladder (one row of 8194, H100): 32 counts of 9 elements a thread and two barriers, predicted 3 us, got -
#include "sample/top_k.cuh"

extern "C" __global__ void __launch_bounds__(ROW_THREADS) top_k(float* x, int k, int x_row, int rows, int d, void* scratch) {
  keep_best(x + static_cast<int64_t>(blockIdx.x) * x_row, d, k, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
}
