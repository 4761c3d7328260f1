// Depthwise convolution over time, stride 1, zeros outside.
//
// Ladder:
//  1. a thread for an output: 2 loads for each multiply-add, all from the first-level cache.
//  2. a thread for a column of eight outputs, a window of eight inputs in registers that moves by one row a tap: 2 loads for 8 multiply-adds.
//     Neighbouring threads have neighbouring columns, so every load of a warp is one line. Predicted: w2v-BERT's [749, 1024] x 31 moves 6.3 MB, 2 us of
//     memory and 1 us of arithmetic, a launch; got: not measured.
#include <cstdint>

#define ROWS 8

// Rows before or behind x are left out, not multiplied by zero: a weight may be infinite.
__device__ __forceinline__ float at_edge(const float* x, int64_t x_row, const float* w, int64_t w_row, int t, int first, int taps, float sum) {
  const int from = max(0, -first);
  const int to = min(taps, t - first);
  for (int j = from; j < to; j++) {
    sum = fmaf(w[j * w_row], x[(first + j) * x_row], sum);
  }
  return sum;
}

// Outputs of eight rows; x is where the first of them begins. The taps of each are added in order, as at the edge: the same bits.
__device__ __forceinline__ void inside(const float* x, int64_t x_row, const float* w, int64_t w_row, int taps, float (&sum)[ROWS]) {
  float window[ROWS];
#pragma unroll
  for (int i = 0; i < ROWS - 1; i++) {
    window[i] = x[i * x_row];
  }
  x += (ROWS - 1) * x_row;
  for (int j0 = 0; j0 < taps; j0 += ROWS) {
    // All loads of eight taps before their first use.
    float next[ROWS];
    float factor[ROWS];
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      if (j0 + k < taps) {
        next[k] = *x;
        factor[k] = *w;
        x += x_row;
        w += w_row;
      }
    }
#pragma unroll
    for (int k = 0; k < ROWS; k++) {
      if (j0 + k < taps) {
        window[(k + ROWS - 1) % ROWS] = next[k];
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
          sum[i] = fmaf(factor[k], window[(k + i) % ROWS], sum[i]);
        }
      }
    }
  }
}

extern "C" __global__ void __launch_bounds__(128) depthwise_conv(
    const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ bias, float* __restrict__ y, int left, int x_row, int w_row, int y_row,
    int t, int columns, int taps, int count, void*) {
  const int64_t items = static_cast<int64_t>((count + ROWS - 1) / ROWS) * columns;
  const int64_t item = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (item >= items) {
    return;
  }
  const int r = static_cast<int>(item / columns) * ROWS;
  const int c = static_cast<int>(item % columns);
  const int first = r - left;
  const float start = bias == nullptr ? 0.0f : bias[c];
  float* out = y + static_cast<int64_t>(r) * y_row + c;
  if (first >= 0 && static_cast<int64_t>(first) + ROWS - 1 + taps <= t && r + ROWS <= count) {
    float sum[ROWS];
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      sum[i] = start;
    }
    inside(x + static_cast<int64_t>(first) * x_row + c, x_row, w + c, w_row, taps, sum);
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
      out[static_cast<int64_t>(i) * y_row] = sum[i];
    }
  } else {
    for (int i = 0; i < ROWS && r + i < count; i++) {
      out[static_cast<int64_t>(i) * y_row] = at_edge(x + c, x_row, w + c, w_row, t, first + i, taps, start);
    }
  }
}
