// Random numbers by Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), four neighbouring elements for each thread. The integers are those of the specification bit for bit;
// logarithms and cosine are in double, so that the floats are too but for the rarest.
#include "sample/philox.cuh"

// Local memory of philox_noise: the double cosine reduces large arguments in an array; these are at most 2π, so it is never touched.
extern "C" __global__ void __launch_bounds__(256)
    philox_noise(const float* p, const int* step, float* y, int distribution, int seed_low, int seed_high, int stream_low, int stream_high, int d, int one, void*) {
  const int64_t threads = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t first = 4 * (static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x); first < d; first += 4 * threads) {
    const int begin = static_cast<int>(first), end = static_cast<int>(min(first + 4, static_cast<int64_t>(d)));
    const int each = distribution == 2 ? 2 : 4;
    int made = -1;
    Words words = {};
#pragma unroll
    for (int e = 0; e < 4; e++) {
      const int i = begin + e;
      if (i >= end) {
        break;
      }
      if (p != nullptr && !(p[i] > 0)) {  // chance decides nothing here
        y[i] = 0;
        continue;
      }
      if (made != i / each) {
        made = i / each;
        words = philox(made, step[0], stream_low, stream_high, seed_low, seed_high);
      }
      double value;
      if (distribution == 2) {
        value = sqrt(-2 * log(uniform(words.w[e % 2 * 2]))) * cos(2 * 3.14159265358979323846 * uniform(words.w[e % 2 * 2 + 1]));
      } else {
        value = uniform(words.w[e]);
        value = distribution == 1 ? -log(-log(value)) : value;
      }
      y[i] = static_cast<float>(value);
    }
  }
}
