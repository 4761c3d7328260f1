// Drops all but the k best scores of a row. The k-th best is found bit by bit, by counting: no sort, no order of arrival.
//
// Ladder (one row of 8194, H100): 32 counts of 9 elements a thread and two barriers, predicted 3 us, got -
#include "sample/rows.cuh"

namespace {

template <class Row>
__device__ __forceinline__ void filter(float* x, int d, unsigned k, Mass* scratch) {
  const Row row(d, scratch, [&](int c, uint32_t& key, Mass&) { key = ordered(x[c]); });
  const uint32_t limit = largest(32, [&](uint32_t key) {
    unsigned count = 0;
    row.visit([&](int, uint32_t other, Mass) { count += other >= key; });
    return count_over_row(count) >= k;
  });
  const float threshold = unordered(limit);
  row.visit([&](int c, uint32_t key, Mass) {
    if (c < d && unordered(key) < threshold) {  // as floats: -0 is not below 0
      x[c] = -INFINITY;
    }
  });
}

}  // namespace

extern "C" __global__ void __launch_bounds__(ROW_THREADS) top_k(float* x, int k, int x_row, int rows, int d, void* scratch) {
  float* row = x + static_cast<int64_t>(blockIdx.x) * x_row;
  const unsigned count = min(k, d);
  if (d <= HELD * ROW_THREADS) {
    filter<HeldRow>(row, d, count, nullptr);
  } else {
    filter<StoredRow>(row, d, count, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
  }
}
