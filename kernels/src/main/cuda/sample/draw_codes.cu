// The draws of a step, one block for each sequence: softmax over all beams, Gumbel noise, the largest. After the filters few entries are left: those with a chance are gathered in
// shared memory, and each round looks at them alone. Where many are left, or fewer than are drawn, entries go through scratch memory.
//
// Ladder (3 x 8194 scores, 90 left, 6 draws, H100): four launches predicted 22 us; one predicted 12 us, got -
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

}  // namespace

extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    draw_codes(const float* scores, const float* sums, const float* noise, const int* beams, const int* steps, const int* greedy, const int* seeds, int* drawn, float* picked,
               int capacity, int scores_row, int noise_row, int seeds_row, int drawn_row, int picked_row, int rows, int d, int sequences, int words, int draws, void* scratch) {
  __shared__ Entry few[ROW_THREADS];
  __shared__ int alive;
  const int s = blockIdx.x, width = rows / sequences;
  const int count = min(max(beams[s], 1), width);
  const Sequence q = {scores, sums, noise, scores_row, noise_row, s * width, count, d};
  Draw draw = {q, seeds + static_cast<int64_t>(s) * seeds_row, steps[s], count * d, greedy[s] != 0, 0, 1};
  const int wanted = min(draw.n, count > 1 ? 2 * count : 1);
  if (!draw.greedy) {
    draw.most = greatest_total(q, draw.n);
    draw.sum = total_exponentials(q, draw.n, draw.most);
  }
  if (threadIdx.x == 0) {
    alive = 0;
  }
  for (int i = wanted + threadIdx.x; i < draws; i += ROW_THREADS) {
    drawn[static_cast<int64_t>(s) * drawn_row + i] = 0;
    picked[static_cast<int64_t>(s) * picked_row + i] = 0;
  }
  __syncthreads();
  const bool gather = !draw.greedy && noise == nullptr;
  if (gather) {
    for (int i = threadIdx.x; i < draw.n; i += ROW_THREADS) {
      if (draw.chance(i) > 0) {
        const int at = atomicAdd(&alive, 1);  // in any order: entries are ranked by themselves
        if (at < ROW_THREADS) {
          few[at] = static_cast<Entry>(i);
        }
      }
    }
    __syncthreads();
  }
  const auto take = [&](int round, Entry e) {
    const int i = index_of(e);
    drawn[static_cast<int64_t>(s) * drawn_row + round] = i;
    picked[static_cast<int64_t>(s) * picked_row + round] = q.total(i);
  };
  if (gather && alive <= ROW_THREADS && alive >= wanted) {
    const Entry own = static_cast<int>(threadIdx.x) < alive ? draw.entry(static_cast<int>(few[threadIdx.x])) : 0;
    largest_first(wanted, [&](auto f) { f(own); }, take);
    return;
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
  largest_first(wanted, visit, take);
}
