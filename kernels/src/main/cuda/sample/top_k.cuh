// Drops all but the k best scores of a row: see top_k.cu.
#pragma once
#include "sample/rows.cuh"

template <class Row>
__device__ __forceinline__ void best_k(float* x, int d, unsigned k, Mass* scratch) {
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

// Any row; `scratch` is for rows that do not fit the registers.
__device__ __forceinline__ void keep_best(float* x, int d, int k, Mass* scratch) {
  const unsigned count = min(k, d);
  if (d <= HELD * ROW_THREADS) {
    best_k<HeldRow>(x, d, count, nullptr);
  } else {
    best_k<StoredRow>(x, d, count, scratch);
  }
}
