// Nucleus filter. The specification sorts a row and adds up its probabilities from the least likely on. Here each of a few entries adds up those below it; where many are
// left, the place where the sum passes `drop` is found bit by bit. Sums are of integers, and entries with the same score go by their index, as in the sort.
//
// Ladder (one row of 8194, H100):
//   32 sums of 9 probabilities a thread, each with two barriers   predicted 8 us     got -
//   30 entries left by top_k: each against all, no barriers       predicted 4 us     got -      what is left is finding the largest and the sum
#include "sample/rows.cuh"

namespace {

// How many of `count` entries with the same probability may go before the sum passes `drop`.
__device__ unsigned droppable(Mass sum, Mass each, unsigned count, float drop) {
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
__device__ __forceinline__ void filter(float* x, int d, float drop, unsigned keep, Mass* scratch) {
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

}  // namespace

extern "C" __global__ void __launch_bounds__(ROW_THREADS) top_p(float* x, float drop, int keep, int x_row, int rows, int d, void* scratch) {
  float* row = x + static_cast<int64_t>(blockIdx.x) * x_row;
  if (d <= HELD * ROW_THREADS) {
    filter<HeldRow>(row, d, drop, keep, nullptr);
  } else {
    filter<StoredRow>(row, d, drop, keep, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(blockIdx.x) * d);
  }
}
