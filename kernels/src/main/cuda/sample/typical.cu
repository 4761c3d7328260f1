// Locally typical filter: the distance at which the probabilities of the nearest entries reach `mass` is found bit by bit, from sums of integers, without a sort.
#include "sample/rows.cuh"

namespace {

__device__ double entropy(const float* x, int d, double norm) {
  double sum = 0;
  for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
    const float v = x[c];
    if (v != -INFINITY) {
      sum -= (v - norm) * exp(v - norm);
    }
  }
  return sum_over_row(sum);
}

template <class Row>
__device__ __forceinline__ void filter(float* x, int d, float mass, unsigned keep, Mass* scratch) {
  const double most = greatest(x, d);
  const double norm = most + log(exponentials(x, d, most));
  if (!isfinite(norm)) {
    return;  // all distances are NaN: none is larger than another
  }
  const float typical = static_cast<float>(entropy(x, d, norm));
  const Row row(d, scratch, [&](int c, uint32_t& key, Mass& m) {
    const float surprise = static_cast<float>(norm - x[c]);
    key = ordered(fabsf(surprise - typical));
    m = mass_of(static_cast<float>(exp(x[c] - norm)));
  });
  const uint32_t limit = largest(32, [&](uint32_t key) { return probability(mass_below(row, key)) < mass; });
  Lowest kept = {0, 0};
  if (keep > 1) {
    kept = lowest(row, d, min(keep, static_cast<unsigned>(d)));
  }
  row.visit([&](int c, uint32_t key, Mass) {
    if (c < d && key > limit && !kept.has(c, key)) {
      x[c] = -INFINITY;
    }
  });
}

}  // namespace

extern "C" __global__ void __launch_bounds__(ROW_THREADS) typical(float* x, float mass, int keep, int x_row, int rows, int d, void* scratch) {
  float* row = x + static_cast<int64_t>(blockIdx.x) * x_row;
  if (d <= HELD * ROW_THREADS) {
    filter<HeldRow>(row, d, mass, keep, nullptr);
  } else {
    filter<StoredRow>(row, d, mass, keep, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
  }
}
