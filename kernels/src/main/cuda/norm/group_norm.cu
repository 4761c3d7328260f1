// Group normalisation with one group, then an activation: two launches. The first leaves sums of parts in scratch memory; in the second
// every block adds the parts, at most 256 numbers from the second-level cache, in the same order, and finishes its share. x is read
// twice: from memory, then mostly from that cache.
//
// Sums of x and x² are double: the square of a float is exact there, so one pass is as good as two. The parts depend on the extents alone.
#include "common/activation.cuh"
#include "norm/row.cuh"

#define THREADS 256

// At least 1024 quads a part, at most as many parts as a block has threads: the number that GroupNorm.java launches.
__device__ __forceinline__ int64_t part_size(int64_t quads) {
  const int64_t least = 4 * THREADS;
  return max(least, (quads + THREADS - 1) / THREADS);
}

extern "C" __global__ void __launch_bounds__(THREADS) group_norm_sums(
    const float* __restrict__ x, const float*, const float*, float*, float, int, int x_row, int, int rows, int columns, void* scratch) {
  const int wide = (columns + 3) / 4;
  const int64_t quads = static_cast<int64_t>(rows) * wide;
  const int64_t begin = blockIdx.x * part_size(quads);
  const int64_t end = min(quads, begin + part_size(quads));
  double sum = 0;
  double squares = 0;
  with_width(columns % 4 == 0 && fours(x, x_row), [&](auto width) {
#pragma unroll 4
    for (int64_t i = begin + threadIdx.x; i < end; i += THREADS) {
      const int64_t row = quads >> 32 == 0 ? static_cast<uint32_t>(i) / static_cast<uint32_t>(wide) : i / wide;
      const int column = static_cast<int>(i - row * wide) * 4;
      const float4 v = quad<width.value == 4>(at(x, row, x_row) + column, columns - column, 0.0f);
      const double a = v.x, b = v.y, c = v.z, d = v.w;
      sum += (a + b) + (c + d);
      squares += (a * a + b * b) + (c * c + d * d);
    }
  });
  sum = block_sum<THREADS / 32>(sum);
  squares = block_sum<THREADS / 32>(squares);
  if (threadIdx.x == 0) {
    reinterpret_cast<double2*>(scratch)[blockIdx.x] = make_double2(sum, squares);
  }
}

extern "C" __global__ void __launch_bounds__(THREADS) group_norm(
    const float* __restrict__ x, const float* __restrict__ weight, const float* __restrict__ bias, float* __restrict__ y, float eps,
    int activation, int x_row,
    int y_row, int rows, int columns, void* scratch) {
  const int64_t quads = static_cast<int64_t>(rows) * ((columns + 3) / 4);
  const int parts = static_cast<int>((quads + part_size(quads) - 1) / part_size(quads));
  const double2 part = threadIdx.x < parts ? reinterpret_cast<const double2*>(scratch)[threadIdx.x] : make_double2(0, 0);
  const double count = static_cast<double>(rows) * columns;
  const double mean = block_sum<THREADS / 32>(part.x) / count;
  const double variance = block_sum<THREADS / 32>(part.y) / count - mean * mean;
  const float factor = static_cast<float>(1 / sqrt((variance < 0 ? 0 : variance) + eps));  // NaN stays
  const float high = static_cast<float>(mean);
  const float low = static_cast<float>(mean - high);
  with_width(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight) && fours(bias), [&](auto width) {
    constexpr int W = width.value;
    with_activation(activation, [&](auto function) {
      for_columns<W>(rows, columns, [&](int t, int i) {
        const Floats<W> v = map(load<W>(at(x, t, x_row) + i), [&](float f) { return (f - high - low) * factor; });
        const Floats<W> u = fma(v, load_or<W>(weight, i, 1.0f), load_or<W>(bias, i, 0.0f));
        store(at(y, t, y_row) + i, map(u, activate<function.value>));
      });
    });
  });
}
