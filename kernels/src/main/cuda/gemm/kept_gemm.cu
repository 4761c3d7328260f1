// A product added to what stands beside it, whose sum is kept twice: as it is, and in parts as halves, for a product that will read it later.
//
// Ladder (2582x512x1536, H100; product alone 13.3 us, rounding half of a skip connection's input 2.8 us):
//   both from the same registers   predicted  14 us    got 14.6 us   once for 5.6 us of rounding a pair
//   turned tiles (gemm/turned.cuh), and no y where nobody reads it   predicted  12 us   got 10.8 us, in a step of the flow
#include "gemm/turned.cuh"

#define KEPT_GEMM_PARAMETERS                                                                                                                            \
  const float *x, const void *w, const float *residual, float *y, void *z, float alpha, float part, int x_row, int w_stride, int residual_row, int y_row, \
      int z_row, int rows, int k, int n, void *scratch

#define KEPT_GEMM_CALL(row) \
  GemmCall { x, w, nullptr, nullptr, residual, y, 1, rows, 1, x_row, 0, rows * x_row, row, 0, NONE, alpha, w_stride, n, k, nullptr, 0, nullptr }

// The residual has y's strides, if there is y.
#define KEPT_GEMM_ENTRY(tile, stages)                                                                                              \
  extern "C" __global__ void __launch_bounds__(288, 1)                                                                             \
      kept_gemm_##tile(KEPT_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) {   \
    SYRINX_DYNAMIC_SHARED(memory);                                                                                                 \
    const GemmCall g = KEPT_GEMM_CALL(residual_row);                                                                               \
    const Beside beside = {static_cast<__half*>(z), z_row, part, nullptr, 0, nullptr, nullptr, 0.0f, 0};                             \
    TurnedTile<float, tile, stages, false>(g, beside, x_map, w_map, memory).operate();                                              \
  }

KEPT_GEMM_ENTRY(56, 8)
KEPT_GEMM_ENTRY(80, 8)
KEPT_GEMM_ENTRY(112, 7)

namespace {

// A thread for an output: for devices and places where the other entry does not run, and for nobody who is in a hurry.
template <class W, class X, class Z>
__device__ __forceinline__ void each_output(const GemmCall& g, int residual_row, Z* z, int z_row, float part) {
  for_items(g.rows, g.n, [&](int row, int c) {
    const X* x = reinterpret_cast<const X*>(g.x) + g.x_at(row);
    const W* w = static_cast<const W*>(g.w) + static_cast<int64_t>(c) * g.w_stride;
    float sum = 0;
    for (int i = 0; i < g.k; i++) {
      sum = fmaf(widen(x[i]), widen(w[i]), sum);
    }
    const float v = fmaf(g.alpha, sum, g.residual[static_cast<int64_t>(row) * residual_row + c]);
    if (g.y != nullptr) {
      g.y[g.y_at(row) + c] = v;
    }
    z[static_cast<int64_t>(row) * z_row + c] = Z(part * v);
  });
}

}  // namespace

#define ANY_ENTRY(name, W, X, Z)                                                           \
  extern "C" __global__ void __launch_bounds__(256) name(KEPT_GEMM_PARAMETERS) {            \
    begin_early();                                                                         \
    each_output<W, X, Z>(KEPT_GEMM_CALL(y_row), residual_row, static_cast<Z*>(z), z_row, part);   \
  }

ANY_ENTRY(kept_gemm_f32, float, float, float)
ANY_ENTRY(kept_gemm_f16, __half, float, float)
ANY_ENTRY(kept_gemm_hf, __half, __half, __half)
