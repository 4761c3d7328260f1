// A product added to what stands beside it, whose rows are normed by their root mean square at once, as in norm/rms_norm.cu: the four blocks of a cluster have
// all columns of their rows, and tell each other the sums of their squares.
//
// Ladder (2582 rows, 512 columns, halves on an H100; k 1536 with y's part, 512 and 1024; product of 128 x 128 and norm alone 19.3, 13.2, 13.8 us):
//   88 rows, thirty clusters   predicted 1 us above the product alone (13.2, 7.7, 8.6 us)   got 15.9, 10.7, 11.4 us   the squares' way to the other blocks
//   sums sent to a barrier of their reader, no barrier of the cluster   predicted -0.6 us   got 15.9, 10.5, 11.5 us
//   80 rows: 33 clusters, of which an H100 runs 30 at once   25.2, 17.3, 19.4 us
#include "gemm/turned.cuh"

#define NORMED_GEMM_PARAMETERS                                                                                                                              \
  const float *x, const void *w, const float *bias, const float *residual, const float *gain, const float *shift, float *y, void *z, void *v, float alpha, \
      float part, float eps, int x_row, int w_stride, int residual_row, int y_row, int z_row, int v_row, int rows, int k, int n, void *scratch

// The residual has y's strides.
#define NORMED_GEMM_CALL \
  GemmCall { x, w, bias, nullptr, residual, y, 1, rows, 1, x_row, 0, rows * x_row, y_row, 0, NONE, alpha, w_stride, n, k, nullptr, 0, nullptr }
#define NORMED_GEMM_BESIDE \
  Beside { static_cast<__half*>(z), z_row, part, static_cast<__half*>(v), v_row, gain, shift, eps, 0 }

#define NORMED_GEMM_ENTRY(tile, stages)                                                                                              \
  extern "C" __global__ void SYRINX_CLUSTER(4) __launch_bounds__(288, 1)                                                              \
      normed_gemm_##tile(NORMED_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) {  \
    SYRINX_DYNAMIC_SHARED(memory);                                                                                                   \
    const GemmCall call = NORMED_GEMM_CALL;                                                                                          \
    const Beside beside = NORMED_GEMM_BESIDE;                                                                                        \
    TurnedTile<float, tile, stages, true>(call, beside, x_map, w_map, memory).operate();                                             \
  }                                                                                                                                  \
  SYRINX_CLUSTERS_OF(normed_gemm_##tile, 4)

NORMED_GEMM_ENTRY(64, 8)
NORMED_GEMM_ENTRY(88, 8)
NORMED_GEMM_ENTRY(104, 7)
NORMED_GEMM_ENTRY(120, 7)

namespace {

// A block for a row, a thread for some of its outputs: for devices and places where the other entries do not run, and for nobody who is in a hurry.
template <class W, class X, class V>
__device__ __forceinline__ void each_row(
    const GemmCall& g, const float* gain, const float* shift, V* z, V* v, float part, float eps, int residual_row, int z_row, int v_row) {
  for (int64_t row = blockIdx.x; row < g.rows; row += gridDim.x) {
    const X* x = reinterpret_cast<const X*>(g.x) + row * g.x_row;
    float* y = g.y + row * g.y_row;
    float squares = 0;
    for (int c = threadIdx.x; c < g.n; c += blockDim.x) {
      const W* w = static_cast<const W*>(g.w) + static_cast<int64_t>(c) * g.w_stride;
      float sum = 0;
      for (int i = 0; i < g.k; i++) {
        sum = fmaf(widen(x[i]), widen(w[i]), sum);
      }
      sum = fmaf(g.alpha, sum + (g.bias == nullptr ? 0.0f : g.bias[c]), g.residual == nullptr ? 0.0f : g.residual[row * residual_row + c]);
      y[c] = sum;
      if (z != nullptr) {
        z[row * z_row + c] = V(part * sum);
      }
      squares = fmaf(sum, sum, squares);
    }
    const float factor = 1.0f / sqrtf(block_sum<8>(squares) / g.n + eps);
    for (int c = threadIdx.x; c < g.n; c += blockDim.x) {
      v[row * v_row + c] = V(fmaf(y[c] * factor, gain[c], shift[c]));
    }
  }
}

}  // namespace

#define ANY_ENTRY(name, W, X, V)                                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) name(NORMED_GEMM_PARAMETERS) {                                                              \
    begin_early();                                                                                                                             \
    each_row<W, X, V>(NORMED_GEMM_CALL, gain, shift, static_cast<V*>(z), static_cast<V*>(v), part, eps, residual_row, z_row, v_row);            \
  }

ANY_ENTRY(normed_gemm_f32, float, float, float)
ANY_ENTRY(normed_gemm_f16, __half, float, float)
ANY_ENTRY(normed_gemm_hf, __half, __half, __half)
