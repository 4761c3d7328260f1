// What all entries of the product share: the parameter list, where rows lie, and what follows the sums.
#pragma once
#include "common/activation.cuh"
#include "common/machine.cuh"
#include "common/quads.cuh"
#include "common/wgmma.cuh"

// A call. Row m of batch b starts at b·x_batch + m·x_row; all rows of all batches are numbered through: 0 <= row < count().
struct GemmCall {
  const float* x;         // [x_extent]
  const void* w;          // [n][k], rows w_stride apart
  const float* bias;      // [n] or null
  const float* scale;     // [n] or null
  const float* residual;  // [y_extent] or null; may be y
  float* y;               // [y_extent]; where entries say so, x, or y and the residual, are halves
  int batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, activation;
  float alpha;
  int w_stride, n, k;
  float* scratch;
  int x_extent;
  const float* shift;  // [n] or null: added like bias, in gated products

  __device__ int count() const { return batch * rows; }
  // Sums of the pieces of k, if there are several, [pieces][rows][n rounded up to 4], and behind them x as halves, if it is rounded first.
  __device__ int sums_pitch() const { return (n + 3) & -4; }
  __device__ __half* rounded() const {
    return reinterpret_cast<__half*>(scratch + (gridDim.y > 1 ? static_cast<int64_t>(gridDim.y) * count() * sums_pitch() : 0));
  }
  __device__ int run() const { return taps == 1 || x_tap == k / taps ? k : k / taps; }  // floats of x that follow each other
  __device__ int64_t x_at(int row) const { return at(row, x_batch, x_row); }
  __device__ int64_t y_at(int row) const { return at(row, y_batch, y_row); }

  // Whether rows of y, residual, bias and scale may be touched 16 bytes at a time.
  template <class Y = float>
  __device__ bool y_wide() const {
    const bool vectors = aligned4(bias) && aligned4(scale) && fours(reinterpret_cast<const Y*>(residual));
    return vectors && fours(reinterpret_cast<const Y*>(y), y_row) && (y_batch & 3) == 0;
  }

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
    begin_early();                                                                                                                                         \
    __VA_ARGS__(GemmCall{x, w, bias, scale, residual, y, batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, activation, alpha, w_stride, n, k,    \
                         static_cast<float*>(scratch), x_extent, nullptr});                                                                                                \
  }

// The same with windows on x and w for the copy engine behind the other parameters.
#define GEMM_MAPS_ENTRY(name, threads, blocks, ...)                                                                                            \
  extern "C" __global__ void __launch_bounds__(threads, blocks)                                                                                         \
      name(const float* x, const void* w, const float* bias, const float* scale, const float* residual, float* y, int batch, int rows, int taps,         \
           int x_row, int x_tap, int x_batch, int y_row, int y_batch, int activation, float alpha, int w_stride, int x_extent, int n, int k,             \
           int y_extent, void* scratch, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) {                              \
    __VA_ARGS__(GemmCall{x, w, bias, scale, residual, y, batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, activation, alpha, w_stride, n, k,    \
                         static_cast<float*>(scratch), x_extent, nullptr}, x_map, w_map);                                                                         \
  }

__device__ __forceinline__ float activated(int activation, float v) {
  switch (activation) {
    case RELU: return activate<RELU>(v);
    case SILU: return activate<SILU>(v);
    case GELU_TANH: return activate<GELU_TANH>(v);
    case GELU_ERF: return activate<GELU_ERF>(v);
    case SIGMOID: return activate<SIGMOID>(v);
    case TANH: return activate<TANH>(v);
    case MISH: return activate<MISH>(v);
    default: return v;
  }
}

// The sum of output column j before the activation.
__device__ __forceinline__ float affine(const GemmCall& g, float sum, int j) {
  const float bias = g.bias == nullptr ? 0.0f : g.bias[j];
  return g.scale == nullptr ? sum + bias : fmaf(sum, g.scale[j], bias);
}

__device__ __forceinline__ void store(const GemmCall& g, float value, int64_t place) {
  g.y[place] = g.residual == nullptr ? g.alpha * value : fmaf(g.alpha, value, g.residual[place]);
}

// One sum to its output; `place` is that of the row's first output.
__device__ __forceinline__ void finish(const GemmCall& g, float sum, int64_t place, int j) {
  store(g, activated(g.activation, affine(g, sum, j)), place + j);
}

// What is added to the outputs of four neighbouring columns, of which some may lie behind the last.
template <class Y = float>
__device__ __forceinline__ float4 residual4(const GemmCall& g, int64_t place, int j, bool wide) {
  return load4(reinterpret_cast<const Y*>(g.residual) + place + j, g.residual == nullptr ? 0 : g.n - j, wide);
}

// The sums of four neighbouring columns to their outputs.
template <class Y = float>
__device__ __forceinline__ void finish4(const GemmCall& g, float4 sums, float4 residual, int64_t place, int j, bool wide) {
  const int left = g.n - j;
  const float4 bias = load4(g.bias + j, g.bias == nullptr ? 0 : left, wide);
  if (g.scale != nullptr) {
    const float4 scale = load4(g.scale + j, left, wide);
    sums = make_float4(sums.x * scale.x, sums.y * scale.y, sums.z * scale.z, sums.w * scale.w);
  }
  float4 v = map4(sums, bias, [](float a, float b) { return a + b; });
  if (g.activation != NONE) {
    v = map4(v, [&](float a) { return activated(g.activation, a); });
  }
  v = map4(v, residual, [&](float a, float r) { return fmaf(g.alpha, a, r); });
  store4(reinterpret_cast<Y*>(g.y) + place + j, v, left, wide);
}

template <class Y = float>
__device__ __forceinline__ void finish4(const GemmCall& g, float4 sums, int64_t place, int j, bool wide) {
  finish4<Y>(g, sums, residual4<Y>(g, place, j, wide), place, j, wide);
}

// Sums in shared memory to their outputs: at(i, sums, place, column) says where run i of four columns is, or that there is none. Residuals
// of some runs are on their way together, because y, which may be where they are, is written in between.
template <class Y, int TOGETHER, class At>
__device__ __forceinline__ void finish_all(const GemmCall& g, int runs, int first, int apart, At at) {
  const bool wide = g.y_wide<Y>();
#pragma unroll 1
  for (int i = first; i < runs; i += TOGETHER * apart) {
    const float* sums[TOGETHER];
    int64_t place[TOGETHER];
    int column[TOGETHER];
    bool there[TOGETHER];
    float4 residual[TOGETHER];
#pragma unroll
    for (int u = 0; u < TOGETHER; u++) {
      there[u] = i + u * apart < runs && at(i + u * apart, sums[u], place[u], column[u]);
      residual[u] = make_float4(0, 0, 0, 0);
      if (there[u]) {
        residual[u] = residual4<Y>(g, place[u], column[u], wide);
      }
    }
#pragma unroll
    for (int u = 0; u < TOGETHER; u++) {
      if (there[u]) {
        finish4<Y>(g, *reinterpret_cast<const float4*>(sums[u]), residual[u], place[u], column[u], wide);
      }
    }
  }
}
