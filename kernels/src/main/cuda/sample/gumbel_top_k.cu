// The k largest keys, largest first, the lower index on a tie: each round takes the largest that is below the one before. Long inputs in two launches: the k largest of
// each run of 9216, then of those.
//
// Ladder (3 x 8194 scores, 6 draws, H100): logarithms of at most 9 entries a thread, 6 rounds, twice: predicted 5 us, got -
#include "sample/entries.cuh"

namespace {

__device__ __forceinline__ float key_of(const float* scores, const float* p, const float* noise, int i) {
  if (p == nullptr) {
    return scores[i];
  }
  return chance_key(p[i], noise == nullptr ? 0.0f : noise[i]);
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
