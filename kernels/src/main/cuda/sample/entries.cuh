// Ranked entries: keys with their index, largest first, the lower index on a tie.
#pragma once
#include "sample/rows.cuh"

using Entry = unsigned long long;  // the key's ordered bits, then the inverted index: the larger comes first, and none is 0

__device__ __forceinline__ Entry entry_of(float key, int i) {
  key = key != key ? -INFINITY : key + 0.0f;  // NaN ranks with the filtered entries, -0 equals 0
  return static_cast<Entry>(ordered(key)) << 32 | (0xffffffffu - static_cast<uint32_t>(i));
}

__device__ __forceinline__ int index_of(Entry e) { return static_cast<int>(0xffffffffu - static_cast<uint32_t>(e)); }

// What entries are ranked by when chance decides.
__device__ __forceinline__ float chance_key(float chance, float noise) {
  return (chance > 0 ? static_cast<float>(log(static_cast<double>(chance))) : -1000.0f) + noise;
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
