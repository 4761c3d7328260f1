// All filters of a row of scores in one launch, with the settings of its sequence: one block for each row. The functions are those of the single kernels.
//
// Ladder (1 row, 3 rows of 8194, top-k 30, top-p, penalty, H100), us from start to start            predicted    got
//   five launches                                                                                   25           -
//   one; all filters search bit by bit in memory                                                    14           25.5, 28.9
//   the row in registers, candidates gathered and ranked, loops unrolled, the launch begins early   4            11.5, 15.1
//   the row in shared memory, loops not unrolled: less code to fetch for the one time it runs       4            8.7, 11.7
// Without filters it takes 3.7; log-softmax in double 3.
#include "common/machine.cuh"
#include "sample/held_filters.cuh"
#include "sample/top_k.cuh"
#include "sample/top_p.cuh"
#include "sample/typical.cuh"

namespace {

enum Setting { kPenalty = 0, kMass = 1, kKeep = 2, kTemperature = 3, kTopK = 4, kDrop = 5 };

// Filters in memory, for any row and settings.
__device__ __forceinline__ void filter(float* to, int d, const float* settings, Mass* scratch) {
  const float mass = settings[kMass], temperature = settings[kTemperature], drop = settings[kDrop];
  const int keep = max(1, static_cast<int>(settings[kKeep])), k = static_cast<int>(settings[kTopK]);
  if (mass > 0 && mass < 1) {
    keep_typical(to, d, mass, keep, scratch);
    __syncthreads();
  }
  for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
    to[c] = to[c] / temperature;
  }
  __syncthreads();
  if (k > 0) {
    keep_best(to, d, max(k, keep), scratch);
    __syncthreads();
  }
  if (drop >= 0) {
    nucleus(to, d, drop, keep, scratch);
  }
}

// A row in memory.
struct Row {
  const float* from;
  float* to;
  int d;

  // The score before the penalty: computed anew where it was overwritten, so that an id that occurs twice gives the same value twice.
  double norm;
  bool logs;
  __device__ float plain(int c) const { return logs ? static_cast<float>(from[c] - norm) : from[c]; }

  __device__ Row(const float* x, float* y, int columns, bool beams) : from(x), to(y), d(columns), norm(0), logs(beams) {
    if (logs) {
      const double most = greatest(from, d);
      norm = most + log(exponentials(from, d, most));
    }
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      to[c] = plain(c);
    }
    __syncthreads();
  }

  __device__ void penalise(const int* history, int length, float penalty) const {
    for (int i = threadIdx.x; i < length; i += ROW_THREADS) {
      const int id = history[i];
      if (id >= 0 && id < d) {
        const float v = plain(id);
        to[id] = v < 0 ? v * penalty : v / penalty;
      }
    }
    __syncthreads();
  }
};

// A row in shared memory, and what the filters need.
struct Held {
  HeldFilters filters;
  float row[HELD * ROW_THREADS];

  // What `greatest` and `exponentials` give, in their order.
  __device__ double norm(int d) const {
    const auto larger = [](float a, float b) { return a != a ? a : b > a || b != b ? b : a; };
    float top = -INFINITY;
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      top = larger(top, row[c]);
    }
    const double most = over_row(top, larger);
    double sum = 0;
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      const float v = row[c];
      sum += v != -INFINITY ? exp(v - most) : 0.0;
    }
    return most + log(sum_over_row(sum));
  }

  // The row, and -infinity in its place.
  __device__ void load(const float* from, float* to, int d) {
    float v[HELD];
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      const int c = threadIdx.x + i * ROW_THREADS;
      v[i] = c < d ? from[c] : 0.0f;
    }
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      to[c] = -INFINITY;
    }
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      row[threadIdx.x + i * ROW_THREADS] = v[i];
    }
  }

  __device__ static float penalised(float v, float penalty) { return v < 0 ? v * penalty : v / penalty; }

  // Log-softmax and penalty. A score is penalised from what it was in memory, however often its id occurs.
  __device__ void prepare(const float* from, float* to, int d, bool beams, const int* history, int length, float penalty) {
    const int own = static_cast<int>(threadIdx.x) < length ? history[threadIdx.x] : -1;
    const float said = own >= 0 && own < d ? from[own] : 0.0f;
    load(from, to, d);
    const double minus = beams ? norm(d) : 0.0;
    if (beams) {
#pragma unroll 1
      for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
        row[c] = static_cast<float>(row[c] - minus);
      }
    }
    __syncthreads();
#pragma unroll 1
    for (int i = threadIdx.x; i < length; i += ROW_THREADS) {
      const bool first = i == static_cast<int>(threadIdx.x);
      const int id = first ? own : history[i];
      if (id >= 0 && id < d) {
        const float v = first ? said : from[id];
        row[id] = penalised(beams ? static_cast<float>(v - minus) : v, penalty);
      }
    }
    __syncthreads();
  }

  // Whether it could be done here; else what was written is void.
  __device__ bool process(const float* from, float* to, int d, bool beams, const int* history, int length, const float* settings) {
    const float mass = settings[kMass], penalty = settings[kPenalty], temperature = settings[kTemperature], drop = settings[kDrop];
    const int keep = max(1, static_cast<int>(settings[kKeep])), k = static_cast<int>(settings[kTopK]), best = min(max(k, keep), d);
    if ((mass > 0 && mass < 1) || (k > 0 && best > HeldFilters::LEFT) || (k <= 0 && drop >= 0) || !(temperature > 0)) {
      return false;
    }
    if (threadIdx.x == 0) {
      filters.clear();
    }
    prepare(from, to, d, beams, history, length, penalty);
    if (k > 0) {
      return filters.filter(row, d, temperature, best, drop, keep, to);
    }
#pragma unroll 1
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      to[c] = row[c] / temperature;
    }
    return true;
  }
};

}  // namespace

// Local memory of process_scores: a few words beyond the 64 registers that 1024 threads leave each; they are touched between the filters.
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    process_scores(const float* x, const int* history, const int* steps, const int* beams, const float* settings, float* y, int x_row, int history_row, int settings_row,
                   int y_row, int rows, int d, int capacity, int sequences, int six, void* scratch) {
  __shared__ Held held;
  begin_early();
  const int r = blockIdx.x, s = r / (rows / sequences), length = min(max(steps[s], 0) + 2, capacity);
  const float* own = settings + static_cast<int64_t>(s) * settings_row;
  const float* from = x + static_cast<int64_t>(r) * x_row;
  const int* said = history + static_cast<int64_t>(r) * history_row;
  float* to = y + static_cast<int64_t>(r) * y_row;
  if (d <= HELD * ROW_THREADS && held.process(from, to, d, beams[s] > 1, said, length, own)) {
    return;
  }
  Row(from, to, d, beams[s] > 1).penalise(said, length, own[kPenalty]);
  filter(to, d, own, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(r) * d);
}
