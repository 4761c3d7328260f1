// The draws of a step, one block for each sequence: softmax over all beams, Gumbel noise, the largest. After the filters few entries are left: they are gathered in shared memory, and
// a thread has each. Where many are left, or fewer than are drawn, or noise is given, entries go through scratch memory.
//
// Ladder (1 draw of 8194 scores; 6 of 3 x 8194, 25 left; H100), us from start to start             predicted    got
//   four launches                                                                                   22           -
//   one, scores read again for each purpose                                                         12           14.4, 29.4
//   read once, 27 loads of a thread on their way; the launch begins early                           3.5          7.7, 6.5
//   ... what is left found as bits and loaded again, for less code (dropped)                         3            7.8, 9.2
#include "common/machine.cuh"
#include "sample/entries.cuh"
#include "sample/philox.cuh"

namespace {

struct Sequence {
  const float *scores, *sums, *noise;
  int scores_row, noise_row, first, beams, d;

  __device__ float total(int i) const {
    const int b = i / d;
    const float v = scores[static_cast<int64_t>(first + b) * scores_row + (i - b * d)];
    return beams > 1 ? v + sums[first + b] : v;
  }

  // f(index, total) for each of this thread's entries, three rows' loads on their way at a time.
  template <class F>
  __device__ void visit(F f) const {
    constexpr int ROWS = 3;
    for (int b = 0; b < beams; b += ROWS) {
      for (int from = threadIdx.x; from < d; from += HELD * ROW_THREADS) {
        float v[ROWS][HELD];
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
#pragma unroll
          for (int e = 0; e < HELD; e++) {
            const int c = from + e * ROW_THREADS;
            v[r][e] = b + r < beams && c < d ? scores[static_cast<int64_t>(first + b + r) * scores_row + c] : -INFINITY;
          }
        }
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          const float sum = beams > 1 && b + r < beams ? sums[first + b + r] : 0.0f;
#pragma unroll
          for (int e = 0; e < HELD; e++) {
            const int c = from + e * ROW_THREADS;
            if (b + r < beams && c < d) {
              f((b + r) * d + c, beams > 1 ? v[r][e] + sum : v[r][e]);
            }
          }
        }
      }
    }
  }

  __device__ float given(int i) const { return noise[static_cast<int64_t>(first + i / d) * noise_row + i % d]; }
};

// As `greatest` and `exponentials` of rows.cuh, in the same order.
__device__ double greatest_total(const Sequence& q, int n) {
  float most = -INFINITY;
  for (int i = threadIdx.x; i < n; i += ROW_THREADS) {
    const float v = q.total(i);
    most = v > most || v != v ? v : most;
    if (most != most) {
      break;
    }
  }
  return over_row(most, [](float a, float b) { return a != a ? a : b > a || b != b ? b : a; });
}

__device__ double total_exponentials(const Sequence& q, int n, double most) {
  double sum = 0;
  for (int i = threadIdx.x; i < n; i += ROW_THREADS) {
    const float v = q.total(i);
    if (v != -INFINITY) {
      sum += exp(v - most);
    }
  }
  return sum_over_row(sum);
}

struct Draw {
  const Sequence& q;
  const int* seeds;
  int step, n;
  bool greedy;
  double most, sum;

  __device__ float chance(int i) const {
    const float v = q.total(i);
    return v == -INFINITY ? 0.0f : static_cast<float>(exp(v - most) / sum);
  }

  __device__ float drawn_noise(int i) const {
    const Words words = philox(i / 4, step, seeds[2], seeds[3], seeds[0], seeds[1]);
    const int w = i % 4;
    return gumbel(w == 0 ? words.w[0] : w == 1 ? words.w[1] : w == 2 ? words.w[2] : words.w[3]);
  }

  __device__ Entry entry(int i) const {
    if (greedy) {
      return entry_of(q.total(i), i);
    }
    const float p = chance(i);
    return entry_of(chance_key(p, q.noise != nullptr ? q.given(i) : p > 0 ? drawn_noise(i) : 0.0f), i);
  }
};

// What filters left, when that is little: one pass over the scores, then a thread for each entry.
struct Few {
  static constexpr int RANKED = 256;  // more are searched for the largest, round by round
  static constexpr int SHARERS = 8;   // threads that rank an entry

  int indices[ROW_THREADS];
  float totals[ROW_THREADS];
  Entry entries[RANKED];
  int found;

  __device__ void gather(const Sequence& q) {
    if (threadIdx.x == 0) {
      found = 0;
    }
    __syncthreads();
    q.visit([&](int i, float total) {
      if (total != -INFINITY) {
        const int at = atomicAdd(&found, 1);  // in any order: entries are ranked by themselves
        if (at < ROW_THREADS) {
          indices[at] = i;
          totals[at] = total;
        }
      }
    });
    __syncthreads();
  }

  template <class Take>
  __device__ void rank(int wanted, Take take) const {
    const int part = threadIdx.x % SHARERS;
#pragma unroll 1
    for (int first = 0; first < found; first += ROW_THREADS / SHARERS) {
      const int own = first + threadIdx.x / SHARERS;
      const Entry entry = own < found ? entries[own] : 0;
      int above = 0;
#pragma unroll 4
      for (int i = part; i < found; i += SHARERS) {
        above += entries[i] > entry;
      }
#pragma unroll
      for (int apart = SHARERS / 2; apart > 0; apart /= 2) {
        above += __shfl_xor_sync(0xffffffffu, above, apart);
      }
      if (part == 0 && entry != 0 && above < wanted) {
        take(above, indices[own], totals[own]);
      }
    }
  }

  // Whether it could be done.
  template <class Take>
  __device__ bool draw(Draw& draw, int wanted, Take take) {
    gather(draw.q);
    const int own = threadIdx.x;
    const bool there = own < min(found, ROW_THREADS);
    const float total = there ? totals[own] : -INFINITY;
    draw.most = over_row(total, [](float a, float b) { return a != a ? a : b > a || b != b ? b : a; });
    if (found > ROW_THREADS || !isfinite(draw.most)) {
      return false;
    }
    // In units of 2^-52: the sum is the same in any order.
    const double e = exp(total - draw.most);
    draw.sum = __ull2double_rn(sum_over_row(__double2ull_rn(e * 4503599627370496.0))) * (1 / 4503599627370496.0);
    const float p = there ? static_cast<float>(e / draw.sum) : 0.0f;
    const Entry entry = p > 0 ? entry_of(chance_key(p, draw.drawn_noise(indices[own])), indices[own]) : 0;
    if (own < RANKED) {
      entries[own] = entry;
    }
    if (__syncthreads_count(p > 0) < wanted) {
      return false;
    }
    if (found > RANKED) {
      largest_first(wanted, [&](auto f) { f(entry); }, [&](int round, Entry best) { take(round, index_of(best), draw.q.total(index_of(best))); });
    } else {
      rank(wanted, take);
    }
    return true;
  }
};

}  // namespace

extern "C" __global__ void __launch_bounds__(ROW_THREADS, 1)
    draw_codes(const float* scores, const float* sums, const float* noise, const int* beams, const int* steps, const int* greedy, const int* seeds, int* drawn, float* picked,
               int capacity, int scores_row, int noise_row, int seeds_row, int drawn_row, int picked_row, int rows, int d, int sequences, int words, int draws, void* scratch) {
  __shared__ Few few;
  begin_early();
  const int s = blockIdx.x, width = rows / sequences;
  const int count = min(max(beams[s], 1), width);
  const Sequence q = {scores, sums, noise, scores_row, noise_row, s * width, count, d};
  Draw draw = {q, seeds + static_cast<int64_t>(s) * seeds_row, steps[s], count * d, greedy[s] != 0, 0, 1};
  const int wanted = min(draw.n, count > 1 ? 2 * count : 1);
  for (int i = wanted + threadIdx.x; i < draws; i += ROW_THREADS) {
    drawn[static_cast<int64_t>(s) * drawn_row + i] = 0;
    picked[static_cast<int64_t>(s) * picked_row + i] = 0;
  }
  const auto take = [&](int round, int i, float total) {
    drawn[static_cast<int64_t>(s) * drawn_row + round] = i;
    picked[static_cast<int64_t>(s) * picked_row + round] = total;
  };
  const auto found = [&](int round, Entry e) { take(round, index_of(e), q.total(index_of(e))); };
  if (draw.greedy && wanted == 1) {
    Entry best = 0;
    q.visit([&](int i, float total) { best = max(best, entry_of(total, i)); });
    largest_first(1, [&](auto f) { f(best); }, found);
    return;
  }
  if (!draw.greedy && noise == nullptr && few.draw(draw, wanted, take)) {
    return;
  }
  if (!draw.greedy) {
    draw.most = greatest_total(q, draw.n);
    draw.sum = total_exponentials(q, draw.n, draw.most);
  }
  Entry* all = static_cast<Entry*>(scratch) + static_cast<int64_t>(s) * width * d;
  for (int i = threadIdx.x; i < draw.n; i += ROW_THREADS) {
    all[i] = draw.entry(i);
  }
  const auto visit = [&](auto f) {  // each thread its own: no barrier needed
    for (int i = threadIdx.x; i < draw.n; i += ROW_THREADS) {
      f(all[i]);
    }
  };
  largest_first(wanted, visit, found);
}
