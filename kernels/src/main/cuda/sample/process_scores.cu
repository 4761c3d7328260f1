// All filters of a row of scores in one launch, with the settings of its sequence: one block for each row. The functions are those of the single kernels.
//
// Ladder (3 rows of 8194, top-k 30, top-p, penalty, H100): five launches predicted 25 us; one predicted 14 us, got -
#include "sample/top_k.cuh"
#include "sample/top_p.cuh"
#include "sample/typical.cuh"

namespace {

enum Setting { kPenalty = 0, kMass = 1, kKeep = 2, kTemperature = 3, kTopK = 4, kDrop = 5 };

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

  __device__ void filter(const float* settings, Mass* scratch) const {
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
};

}  // namespace

// Local memory of process_scores: a few words beyond the 64 registers that 1024 threads leave each; they are touched between the filters.
extern "C" __global__ void __launch_bounds__(ROW_THREADS)
    process_scores(const float* x, const int* history, const int* steps, const int* beams, const float* settings, float* y, int x_row, int history_row, int settings_row,
                   int y_row, int rows, int d, int capacity, int sequences, int six, void* scratch) {
  const int r = blockIdx.x, s = r / (rows / sequences);
  const Row row(x + static_cast<int64_t>(r) * x_row, y + static_cast<int64_t>(r) * y_row, d, beams[s] > 1);
  const float* own = settings + static_cast<int64_t>(s) * settings_row;
  row.penalise(history + static_cast<int64_t>(r) * history_row, min(max(steps[s], 0) + 2, capacity), own[kPenalty]);
  row.filter(own, static_cast<Mass*>(scratch) + 2 * static_cast<int64_t>(r) * d);
}
