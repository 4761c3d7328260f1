// The k largest keys, largest first, the lower index on a tie: each round takes the largest that is below the one before. Long inputs in two launches: the k largest of
// each run of 9216, then of those.
//
// Ladder (3 x 8194 scores, 6 draws, H100): logarithms of at most 9 entries a thread, 6 rounds, twice: predicted 5 us, got -
#include "sample/rows.cuh"

namespace {

using Entry = unsigned long long;  // the key's ordered bits, then the inverted index: the larger comes first, and none is 0

__device__ __forceinline__ Entry entry_of(float key, int i) {
  key = key != key ? -INFINITY : key + 0.0f;  // NaN ranks with the filtered entries, -0 equals 0
  return static_cast<Entry>(ordered(key)) << 32 | (0xffffffffu - static_cast<uint32_t>(i));
}

__device__ __forceinline__ int index_of(Entry e) { return static_cast<int>(0xffffffffu - static_cast<uint32_t>(e)); }

__device__ __forceinline__ float key_of(const float* scores, const float* p, const float* noise, int i) {
  if (p == nullptr) {
    return scores[i];
  }
  const float chance = p[i];
  return (chance > 0 ? static_cast<float>(log(static_cast<double>(chance))) : -1000.0f) + (noise == nullptr ? 0.0f : noise[i]);
}

// Calls take(round, entry) in one thread for the `count` largest entries; 0 where there are no more. visit(f) gives each thread's own.
template <class Visit, class Take>
__device__ __forceinline__ void largest_first(int count, Visit visit, Take take) {
  Entry last = ~0ull;
#pragma unroll 1
  for (int round = 0; round < count; round++) {
    Entry best = 0;
    visit([&](Entry e) { best = e < last && e > best ? e : best; });
    last = over_row(best, [](Entry a, Entry b) { return a > b ? a : b; });
    if (threadIdx.x == 0) {
      take(round, last);
    }
  }
}

}  // namespace

// Block b: the k largest of its run. One block alone writes the result, several leave their entries in scratch memory [blocks][k].
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    gumbel_top_k(const float* scores, const float* p, const float* noise, int* index, float* picked, int d, int k, void* scratch) {
  Entry entries[HELD];
#pragma unroll
  for (int e = 0; e < HELD; e++) {
    const int64_t i = static_cast<int64_t>(blockIdx.x) * (HELD * ROW_THREADS) + threadIdx.x + e * ROW_THREADS;
    entries[e] = i < d ? entry_of(key_of(scores, p, noise, static_cast<int>(i)), static_cast<int>(i)) : 0;
  }
  const auto visit = [&](auto f) {
#pragma unroll
    for (int e = 0; e < HELD; e++) {
      f(entries[e]);
    }
  };
  largest_first(k, visit, [&](int round, Entry e) {
    if (gridDim.x > 1) {
      static_cast<Entry*>(scratch)[static_cast<int64_t>(blockIdx.x) * k + round] = e;
    } else {
      index[round] = index_of(e);
      picked[round] = scores[index_of(e)];
    }
  });
}

extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    gumbel_top_k_merge(const float* scores, const float* p, const float* noise, int* index, float* picked, int d, int k, void* scratch) {
  const int64_t count = (static_cast<int64_t>(d) + HELD * ROW_THREADS - 1) / (HELD * ROW_THREADS) * k;
  const auto visit = [&](auto f) {
    for (int64_t i = threadIdx.x; i < count; i += ROW_THREADS) {
      f(static_cast<const Entry*>(scratch)[i]);
    }
  };
  largest_first(k, visit, [&](int round, Entry e) {
    index[round] = index_of(e);
    picked[round] = scores[index_of(e)];
  });
}
