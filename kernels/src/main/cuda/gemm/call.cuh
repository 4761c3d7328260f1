// What all entries of the product share: the parameter list, where rows lie, and what follows the sums.
#pragma once
#include "common/machine.cuh"

// A call. Row m of batch b starts at b·x_batch + m·x_row; all rows of all batches are numbered through: 0 <= row < count().
struct GemmCall {
  const float* x;         // [x_extent]
  const void* w;          // [n][k], rows w_stride apart
  const float* bias;      // [n] or null
  const float* scale;     // [n] or null
  const float* residual;  // [y_extent] or null; may be y
  float* y;               // [y_extent]
  int batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, activation;
  float alpha;
  int w_stride, n, k;
  float* scratch;

  __device__ int count() const { return batch * rows; }
  __device__ int run() const { return taps == 1 || x_tap == k / taps ? k : k / taps; }  // floats of x that follow each other
  __device__ int64_t x_at(int row) const { return at(row, x_batch, x_row); }
  __device__ int64_t y_at(int row) const { return at(row, y_batch, y_row); }

 private:
  __device__ int64_t at(int row, int between_batches, int between_rows) const {
    const int b = row / rows;
    return static_cast<int64_t>(b) * between_batches + static_cast<int64_t>(row - b * rows) * between_rows;
  }
};

#define GEMM_ENTRY(name, threads, blocks, ...)                                                                                                          \
  extern "C" __global__ void __launch_bounds__(threads, blocks)                                                                                         \
      name(const float* x, const void* w, const float* bias, const float* scale, const float* residual, float* y, int batch, int rows, int taps,         \
           int x_row, int x_tap, int x_batch, int y_row, int y_batch, int activation, float alpha, int w_stride, int x_extent, int n, int k,             \
           int y_extent, void* scratch) {                                                                                                               \
    __VA_ARGS__(GemmCall{x, w, bias, scale, residual, y, batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, activation, alpha, w_stride, n, k,    \
                         static_cast<float*>(scratch)});                                                                                                \
  }

// erfc keeps its relative precision where 1 + erf would cancel.
__device__ __forceinline__ float activate(int activation, float v) {
  switch (activation) {
    case 1: return v > 0.0f || v != v ? v : 0.0f;
    case 2: return v / (1.0f + expf(-v));
    case 3: return 0.5f * v * (1.0f + tanhf(0.7978845608028654f * fmaf(0.044715f * v * v, v, v)));
    case 4: return 0.5f * v * erfcf(v * -0.7071067811865476f);
    case 5: return 1.0f / (1.0f + expf(-v));
    case 6: return tanhf(v);
    case 7: {  // tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2)
      const float e = expf(fminf(v, 20.0f));
      const float p = e * (e + 2.0f);
      return v > 20.0f ? v : v * (p / (p + 2.0f));
    }
    default: return v;
  }
}

// The sum of output column j before the activation.
__device__ __forceinline__ float affine(const GemmCall& g, float sum, int j) {
  const float bias = g.bias == nullptr ? 0.0f : g.bias[j];
  return g.scale == nullptr ? sum + bias : fmaf(sum, g.scale[j], bias);
}

__device__ __forceinline__ void store(const GemmCall& g, float activated, int64_t place) {
  g.y[place] = g.residual == nullptr ? g.alpha * activated : fmaf(g.alpha, activated, g.residual[place]);
}

// One sum to its output; `place` is that of the row's first output.
__device__ __forceinline__ void finish(const GemmCall& g, float sum, int64_t place, int j) {
  store(g, activate(g.activation, affine(g, sum, j)), place + j);
}
