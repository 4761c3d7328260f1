// Top-k and nucleus of a row that lies in registers, when few scores are left: no sort and no search bit by bit, five barriers in all.
//
// At least k of the scores are not below the k-th largest of the warps' maxima, and hardly more: of 8194, some 75 for k = 30. Those are gathered, and each counts those above it.
// What that cannot do (more than 32 to keep, many alike, a zero or an infinity as the limit) the functions of top_k.cuh and top_p.cuh do.
#pragma once
#include "sample/rows.cuh"

struct HeldFilters {
  static constexpr int MOST = 512;   // candidates
  static constexpr int LEFT = 32;    // that top-k leaves: a warp's
  static constexpr Mass NONE = 0;

  uint32_t tops[ROW_WARPS];
  Mass candidates[MOST];  // ordered bits of the score, then the column: the later of equal ones is the larger
  Mass ranked[LEFT];      // largest first
  uint32_t limit;
  int found, left;
  Mass least;             // of those that stay

  static __device__ Mass entry(float v, int c) { return static_cast<Mass>(ordered(v)) << 32 | static_cast<uint32_t>(c); }
  static __device__ float score(Mass e) { return unordered(static_cast<uint32_t>(e >> 32)); }

  // By one thread, with a barrier behind it.
  __device__ void clear() {
    found = 0;
    left = 0;
    least = NONE;
  }

  // The k-th largest of the warps' maxima; 0 if there are fewer.
  __device__ uint32_t bound(int k) const {
    const uint32_t own = tops[threadIdx.x % 32];
    int above = 0;
#pragma unroll
    for (int w = 0; w < ROW_WARPS; w++) {
      above += tops[w] > own;
    }
    return __reduce_min_sync(0xffffffffu, above < k ? own : 0xffffffffu);
  }

  __device__ void gather(const float (&v)[HELD], int d, uint32_t from) {
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      const int c = threadIdx.x + i * ROW_THREADS;
      if (c < d && ordered(v[i]) >= from) {
        const int at = atomicAdd(&found, 1);  // in any order: they are ranked by themselves
        if (at < MOST) {
          candidates[at] = entry(v[i], c);
        }
      }
    }
  }

  // Who is the k-th says how many there are above and with it.
  __device__ void rank(int k) {
    const int own = threadIdx.x, count = found;
    if (own >= count) {
      return;
    }
    const Mass e = candidates[own];
    const uint32_t key = e >> 32;
    int above = 0, place = 0, reaching = 0;
#pragma unroll 8
    for (int i = 0; i < count; i++) {
      const Mass other = candidates[i];
      above += static_cast<uint32_t>(other >> 32) > key;
      reaching += static_cast<uint32_t>(other >> 32) >= key;
      place += other > e;
    }
    if (place < LEFT) {
      ranked[place] = e;
    }
    if (above < k && reaching >= k) {  // all that do say the same
      limit = key;
      left = reaching;
    }
  }

  // The first warp: what the nucleus drops of those that are left are the last of them.
  __device__ void nucleus(float drop, int keep) {
    const int lane = threadIdx.x;
    const bool there = lane < left;
    const double most = score(ranked[0]);
    const Mass own = there ? ranked[lane] : NONE;
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
    const bool stays = there && !(drop >= 0 && probability(upto) <= drop && left - 1 - lane < left - keep);
    const int last = 31 - __clz(static_cast<int>(__ballot_sync(0xffffffffu, stays)));
    if (lane == 0) {
      least = ranked[max(last, 0)];
    }
  }

  // Whether it could be done: then `least` is the least entry that stays. All threads; a barrier lies between this and `clear`. bad: this thread has something that is not a number.
  __device__ bool filter(const float (&v)[HELD], int d, int k, float drop, int keep, bool bad) {
    uint32_t top = 0;
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      top = static_cast<int>(threadIdx.x) + i * ROW_THREADS < d ? max(top, ordered(v[i])) : top;
    }
    top = __reduce_max_sync(0xffffffffu, top);
    if (threadIdx.x % 32 == 0) {
      tops[threadIdx.x / 32] = top;
    }
    if (__syncthreads_or(bad)) {
      return false;
    }
    gather(v, d, bound(k));
    __syncthreads();
    if (found > MOST) {
      return false;
    }
    rank(k);
    __syncthreads();
    const float threshold = unordered(limit);
    if (left > LEFT || threshold == 0 || !isfinite(threshold) || !isfinite(score(ranked[0]))) {
      return false;
    }
    if (threadIdx.x < 32) {
      nucleus(drop, keep);
    }
    __syncthreads();
    return true;
  }
};
