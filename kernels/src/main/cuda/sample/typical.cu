// Locally typical filter: the distance at which the probabilities of the nearest entries reach `mass` is found bit by bit, from sums of integers, without a sort.
#include "sample/typical.cuh"

extern "C" __global__ void __launch_bounds__(ROW_THREADS) typical(float* x, float mass, int keep, int x_row, int rows, int d, void* scratch) {
  keep_typical(x + static_cast<int64_t>(blockIdx.x) * x_row, d, mass, keep, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
}
