// Depthwise convolution over time, stride 1, zeros outside.
//
// Ladder:
//  1. a thread for an output: 2 loads for each multiply-add, all from the first-level cache.
//  2. a thread for a column of eight outputs, a window of eight inputs in registers that moves by one row a tap: 2 loads for 8
//     multiply-adds. Neighbouring threads have neighbouring columns, so every load of a warp is one line. Rows at the ends one output
//     after the other. Predicted: [749, 1024] of 31 taps 2 us of memory, 1 us of arithmetic, a launch; got: 11.3 us, [374, 512] of 15 taps
//     7.3 us: everything waited for the threads at the ends, whose loads waited for each other.
//  3. the same walk at the ends, with zeros for rows and factors; the loads of eight taps are under way while the eight before are added.
//     Predicted: 4 us and 3 us; got: not measured.
#include "common/memory.cuh"

#define ROWS 8

struct Column {
  const float* x;
  int64_t x_row;
  const float* w;
  int64_t w_row;
  int t;
  int taps;
};

// Row r of x; with EDGE it may lie outside.
template <bool EDGE>
__device__ __forceinline__ float row(const Column& c, int r) {
  return !EDGE || (r >= 0 && r < c.t) ? c.x[r * c.x_row] : 0.0f;
}

// The factors of taps j … j + 7, and the rows of x that they bring into the window of output rows first … first + 7.
template <bool EDGE>
__device__ __forceinline__ void fetch(const Column& c, int first, int j, float (&rows)[ROWS], float (&factors)[ROWS]) {
#pragma unroll
  for (int k = 0; k < ROWS; k++) {
    if (j + k < c.taps) {
      rows[k] = row<EDGE>(c, first + j + k + ROWS - 1);
      factors[k] = c.w[(j + k) * c.w_row];
    }
  }
}

// Eight outputs; the first begins at row `first` of x. With EDGE a product with a row outside is left out, not zero: the factor may be infinite.
template <bool EDGE>
__device__ __forceinline__ void walk(const Column& c, int first, float (&sum)[ROWS]) {
  float window[ROWS], rows[ROWS], factors[ROWS];
#pragma unroll
  for (int k = 0; k < ROWS - 1; k++) {
    window[k] = row<EDGE>(c, first + k);
  }
  fetch<EDGE>(c, first, 0, rows, factors);
  for (int j = 0; j < c.taps; j += ROWS) {
    float next[ROWS], now[ROWS];
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      next[k] = rows[k];
      now[k] = factors[k];
    }
    fetch<EDGE>(c, first, j + ROWS, rows, factors);
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      if (j + k < c.taps) {
        window[(k + ROWS - 1) % ROWS] = next[k];
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
          const int r = first + j + k + i;
          const float factor = !EDGE || (r >= 0 && r < c.t) ? now[k] : 0.0f;
          sum[i] = fmaf(factor, window[(k + i) % ROWS], sum[i]);
        }
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(128) depthwise_conv(
    const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, float* __restrict__ y, int left, int x_row,
    int w_row, int y_row, int t, int columns, int taps, int count, void*) {
  const int64_t items = static_cast<int64_t>((count + ROWS - 1) / ROWS) * columns;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (item >= items) {
    return;
  }
  const int r = static_cast<int>(item / columns) * ROWS;
  const int column = static_cast<int>(item % columns);
  const int first = r - left;
  const Column c = {x + column, x_row, w + column, w_row, t, taps};
  float sum[ROWS];
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    sum[i] = bias == nullptr ? 0.0f : bias[column];
  }
  if (first >= 0 && static_cast<int64_t>(first) + ROWS - 1 + taps <= t) {
    walk<false>(c, first, sum);
  } else {
    walk<true>(c, first, sum);
  }
#pragma unroll
  for (int i = 0; i < ROWS; i++) {
    if (r + i < count) {
      at(y, r + i, y_row)[column] = sum[i];
    }
  }
}
