// Top-k and nucleus of a row in shared memory, when few scores are left: no sort, no search bit by bit.
//
// At least k of the scores are not below the k-th largest of the warps' maxima, and hardly more: of 8194, some 75 for k = 30. Those are gathered, and ranked by comparing each
// with all. What that cannot do (more than 32 to keep, many alike, a tiny or infinite limit) the functions of top_k.cuh and top_p.cuh do. Loops are not unrolled: the block runs
// alone and once, so what it waits for is its instructions.
#pragma once
#include <cfloat>

#include "sample/rows.cuh"

struct HeldFilters {
  static constexpr int MOST = 256;      // candidates
  static constexpr int LEFT = 32;       // that top-k leaves: a warp's
  static constexpr int SHARERS = 8;     // threads that rank a candidate
  static constexpr uint32_t ROOM = 8;   // scores so close that dividing may make them equal

  uint32_t tops[ROW_WARPS];
  Mass candidates[MOST];  // ordered bits of the divided score, then the column: the later of equal ones is the larger
  Mass ranked[LEFT + 1];  // largest first
  int found;

  static __device__ Mass entry(float v, int c) { return static_cast<Mass>(ordered(v)) << 32 | static_cast<uint32_t>(c); }
  static __device__ float score(Mass e) { return unordered(static_cast<uint32_t>(e >> 32)); }

  // By one thread, with a barrier behind it.
  __device__ void clear() {
    found = 0;
    ranked[LEFT] = 0;
  }

  // The k-th largest of the warps' maxima; 0 if there are fewer.
  __device__ uint32_t bound(int k) const {
    const uint32_t own = tops[threadIdx.x % 32];
    int above = 0;
#pragma unroll 8
    for (int w = 0; w < ROW_WARPS; w++) {
      above += tops[w] > own;
    }
    return __reduce_min_sync(0xffffffffu, above < k ? own : 0xffffffffu);
  }

  // This thread's scores that are not below.
  __device__ void gather(const float* row, int d, uint32_t from, float temperature) {
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      const float v = row[c];
      if (ordered(v) >= from) {
        const int at = atomicAdd(&found, 1);  // in any order: they are ranked by themselves
        if (at < MOST) {
          candidates[at] = entry(v / temperature, c);
        }
      }
    }
  }

  __device__ void rank() {
    const int count = found, part = threadIdx.x % SHARERS;
#pragma unroll 1
    for (int first = 0; first < count; first += ROW_THREADS / SHARERS) {
      const int own = first + threadIdx.x / SHARERS;
      const Mass e = own < count ? candidates[own] : 0;
      int above = 0;
#pragma unroll 4
      for (int i = part; i < count; i += SHARERS) {
        above += candidates[i] > e;
      }
#pragma unroll
      for (int apart = SHARERS / 2; apart > 0; apart /= 2) {
        above += __shfl_xor_sync(0xffffffffu, above, apart);
      }
      if (part == 0 && own < count && above <= LEFT) {
        ranked[above] = e;
      }
    }
  }

  // The first warp writes what stays of a row that is -infinity elsewhere: what the nucleus drops of those that are left are the last of them.
  __device__ void write(float* y, int k, float drop, int keep) const {
    const int lane = threadIdx.x;
    const Mass own = lane < min(found, LEFT) ? ranked[lane] : 0;
    const bool there = own != 0 && own >> 32 >= ranked[k - 1] >> 32;
    const int left = __popc(__ballot_sync(0xffffffffu, there));
    const double most = score(ranked[0]);
    const double e = there ? exp(score(own) - most) : 0.0;
    double sum = e;
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) {
      sum += __shfl_xor_sync(0xffffffffu, sum, apart);
    }
    Mass upto = there ? mass_of(static_cast<float>(e / sum)) : 0;
#pragma unroll
    for (int apart = 1; apart < 32; apart *= 2) {
      const Mass later = __shfl_down_sync(0xffffffffu, upto, apart);
      upto += lane + apart < 32 ? later : 0;
    }
    const bool dropped = drop >= 0 && probability(upto) <= drop && left - 1 - lane < left - keep;
    if (there && !dropped) {
      y[static_cast<uint32_t>(own)] = score(own);
    }
  }

  // Whether it could be done. All threads; a barrier lies between this and `clear`, and between this and the row's making.
  __device__ bool filter(const float* row, int d, float temperature, int k, float drop, int keep, float* y) {
    uint32_t top = 0;
    bool numbers = true;
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      const float v = row[c];
      top = max(top, ordered(v));
      numbers &= v == v;
    }
    top = __reduce_max_sync(0xffffffffu, top);
    if (threadIdx.x % 32 == 0) {
      tops[threadIdx.x / 32] = top;
    }
    if (__syncthreads_or(!numbers)) {
      return false;
    }
    const uint32_t from = bound(k);
    gather(row, d, from > ROOM ? from - ROOM : from, temperature);
    __syncthreads();
    if (found > MOST) {
      return false;
    }
    rank();
    __syncthreads();
    const float limit = score(ranked[k - 1]);
    if (fabsf(limit) < FLT_MIN || !isfinite(limit) || !isfinite(score(ranked[0])) || score(ranked[LEFT]) >= limit) {
      return false;
    }
    if (threadIdx.x < 32) {
      write(y, k, drop, keep);
    }
    return true;
  }
};
