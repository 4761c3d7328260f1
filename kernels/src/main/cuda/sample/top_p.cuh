// Nucleus filter: see top_p.cu.
#pragma once
#include "sample/rows.cuh"

// How many of `count` entries with the same probability may go before the sum passes `drop`.
__device__ __forceinline__ unsigned droppable(Mass sum, Mass each, unsigned count, float drop) {
  unsigned low = 0, high = count;
  while (low < high) {
    const unsigned middle = low + (high - low + 1) / 2;
    if (probability(sum + each * middle) <= drop) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Entries of a row with few left. Each thread has one, and sees whether the sum up to it passes `drop`.
struct Few {
  static constexpr int MOST = 256;

  int columns[MOST];
  uint32_t keys[MOST];
  Mass masses[MOST];

  __device__ void filter(float* x, int count, float drop, int keep) const {
    const int own = threadIdx.x;
    if (own >= count) {
      return;
    }
    Mass sum = 0;
    int before = 0;
    for (int i = 0; i < count; i++) {
      const bool up_to = keys[i] < keys[own] || (keys[i] == keys[own] && columns[i] <= columns[own]);
      sum += up_to ? masses[i] : 0;
      before += up_to && i != own;
    }
    if (probability(sum) <= drop && before < count - keep) {
      x[columns[own]] = -INFINITY;
    }
  }
};

// The entries to drop among many.
template <class Row>
__device__ __forceinline__ Lowest many(const Row& row, int d, unsigned count, float drop, unsigned keep) {
  const uint32_t limit = largest(32, [&](uint32_t key) { return probability(mass_below(row, key)) <= drop; });
  const unsigned less = count_below(row, limit);
  Mass each = 0;
  unsigned same = 0;
  row.visit([&](int, uint32_t key, Mass mass) {
    same += key == limit;
    each = key == limit ? mass : each;
  });
  same = count_over_row(same);
  each = over_row(each, [](Mass a, Mass b) { return a > b ? a : b; });
  const unsigned ties = droppable(mass_below(row, limit), each, same, drop);
  return less + ties > count - keep ? lowest(row, d, count - keep) : first_of(row, d, limit, ties);
}

template <class Row>
__device__ __forceinline__ void nucleus_of(float* x, int d, float drop, unsigned keep, Mass* scratch) {
  __shared__ Few few;
  __shared__ int used;
  if (threadIdx.x == 0) {
    used = 0;
  }
  const double most = greatest(x, d);
  const double sum = exponentials(x, d, most);
  if (sum != sum) {
    return;  // NaN: the specification stops at the first entry
  }
  // Filtered entries stay outside: key 0.
  const Row row(d, scratch, [&](int c, uint32_t& key, Mass& mass) {
    if (x[c] != -INFINITY) {
      key = ordered(x[c]);
      mass = mass_of(static_cast<float>(exp(x[c] - most) / sum));
    }
  });
  const unsigned count = count_below(row, 0xffffffffu);
  if (count <= keep) {
    return;
  }
  if (count <= Few::MOST) {
    row.visit([&](int c, uint32_t key, Mass mass) {
      if (key != 0) {
        const int at = atomicAdd(&used, 1);  // in any order: nothing depends on it
        few.columns[at] = c;
        few.keys[at] = key;
        few.masses[at] = mass;
      }
    });
    __syncthreads();
    few.filter(x, count, drop, keep);
    return;
  }
  const Lowest dropped = many(row, d, count, drop, keep);
  row.visit([&](int c, uint32_t key, Mass) {
    if (key != 0 && dropped.has(c, key)) {
      x[c] = -INFINITY;
    }
  });
}

// Any row; `scratch` is for rows that do not fit the registers.
__device__ __forceinline__ void nucleus(float* x, int d, float drop, int keep, Mass* scratch) {
  if (d <= HELD * ROW_THREADS) {
    nucleus_of<HeldRow>(x, d, drop, keep, nullptr);
  } else {
    nucleus_of<StoredRow>(x, d, drop, keep, scratch);
  }
}
