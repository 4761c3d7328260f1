// Locally typical filter: see typical.cu.
#pragma once
#include "sample/rows.cuh"

__device__ __forceinline__ double entropy(const float* x, int d, double norm) {
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
__device__ __forceinline__ void typical_of(float* x, int d, float mass, unsigned keep, Mass* scratch) {
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

// Any row; `scratch` is for rows that do not fit the registers.
__device__ __forceinline__ void keep_typical(float* x, int d, float mass, int keep, Mass* scratch) {
  if (d <= HELD * ROW_THREADS) {
    typical_of<HeldRow>(x, d, mass, keep, nullptr);
  } else {
    typical_of<StoredRow>(x, d, mass, keep, scratch);
  }
}
