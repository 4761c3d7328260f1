// Penalises what was already said: one block for each row copies it, then overwrites the ids of its history. Every occurrence of an id writes the same value.
#include "common/quads.cuh"

extern "C" __global__ void __launch_bounds__(1024)
    repetition_penalty(const float* x, const int* history, const int* lengths, float* y, float penalty, int x_row, int history_row, int y_row, int rows, int d,
                       int capacity, void*) {
  const float* from = x + static_cast<int64_t>(blockIdx.x) * x_row;
  float* to = y + static_cast<int64_t>(blockIdx.x) * y_row;
  const int* ids = history + static_cast<int64_t>(blockIdx.x) * history_row;
  const bool aligned = aligned4(from) && aligned4(to);
  for (int c = 4 * threadIdx.x; c < d; c += 4 * blockDim.x) {
    store4(to + c, load4(from + c, d - c, aligned), d - c, aligned);
  }
  __syncthreads();
  const int length = min(lengths[blockIdx.x], capacity);
  for (int i = threadIdx.x; i < length; i += blockDim.x) {
    const int id = ids[i];
    if (id >= 0 && id < d) {
      const float v = from[id];
      to[id] = v < 0 ? v * penalty : v / penalty;
    }
  }
}
