// Nucleus filter. The specification sorts a row and adds up its probabilities from the least likely on. Here each of a few entries adds up those below it; where many are
// left, the place where the sum passes `drop` is found bit by bit. Sums are of integers, and entries with the same score go by their index, as in the sort.
//
// Ladder (one row of 8194, H100):
//   32 sums of 9 probabilities a thread, each with two barriers   predicted 8 us     got -
//   30 entries left by top_k: each against all, no barriers       predicted 4 us     got -      what is left is finding the largest and the sum
#include "sample/top_p.cuh"

extern "C" __global__ void __launch_bounds__(ROW_THREADS) top_p(float* x, float drop, int keep, int x_row, int rows, int d, void* scratch) {
  nucleus(x + static_cast<int64_t>(blockIdx.x) * x_row, d, drop, keep, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
}
