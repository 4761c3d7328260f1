// A product added to what stands between margins, written there and, mirrored, into the margins, for the convolution that reads them next.
//
// Ladder (the tail of a step of the flow on an H100: an input and seven products of 1754 rows and 512 columns, margins of 2 rows; whole steps, in turn):
//   product, then a launch that copies rows into the margins              -               1325 us a step
//   rows written twice on their way out of turned tiles (gemm/turned.cuh)   predicted -40   got -8, the same bits
#include "gemm/turned.cuh"

#define MIRRORED_GEMM_PARAMETERS                                                                                                                  \
  const float *x, const void *w, const float *bias, const void *residual, void *y, int batch, int margin, int x_row, int w_stride, int residual_row, \
      int y_row, int rows, int k, int n, int padded, void *scratch

namespace {

// A call on rows of Y between the margins.
template <class Y>
__device__ __forceinline__ GemmCall between(MIRRORED_GEMM_PARAMETERS) {
  const int each = rows / batch;
  const Y* added = residual == nullptr ? nullptr : static_cast<const Y*>(residual) + static_cast<int64_t>(margin) * residual_row;
  Y* to = static_cast<Y*>(y) + static_cast<int64_t>(margin) * y_row;
  return {x,     w,     bias, nullptr, reinterpret_cast<const float*>(added), reinterpret_cast<float*>(to), batch, each, 1, x_row, 0, each * x_row,
          y_row, (each + 2 * margin) * y_row, NONE, 1.0f, w_stride, n, k, nullptr, 0, nullptr};
}

}  // namespace

#define MIRRORED_GEMM_CALL(Y) between<Y>(x, w, bias, residual, y, batch, margin, x_row, w_stride, residual_row, y_row, rows, k, n, padded, scratch)

// The residual has y's strides.
#define MIRRORED_GEMM_ENTRY(tile, stages)                                                                                                \
  extern "C" __global__ void __launch_bounds__(288, 1)                                                                                   \
      mirrored_gemm_##tile(MIRRORED_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) { \
    SYRINX_DYNAMIC_SHARED(memory);                                                                                                       \
    const GemmCall g = MIRRORED_GEMM_CALL(__half);                                                                                       \
    Beside beside = {};                                                                                                                  \
    beside.margin = margin;                                                                                                              \
    TurnedTile<__half, tile, stages, false>(g, beside, x_map, w_map, memory).operate();                                                  \
  }

MIRRORED_GEMM_ENTRY(56, 8)
MIRRORED_GEMM_ENTRY(80, 8)
MIRRORED_GEMM_ENTRY(112, 7)

namespace {

// The row inside that a row, counted from the first inside, mirrors: as PadMode.REFLECT says.
__device__ __forceinline__ int mirrored(int t, int rows) { return t < 0 ? -t : t < rows ? t : 2 * (rows - 1) - t; }

// A thread for an output: for devices and places where the other entries do not run, and for nobody who is in a hurry.
template <class W, class X, class Y>
__device__ __forceinline__ void each_output(const GemmCall& g, int margin, int residual_row) {
  const int each = g.rows + 2 * margin;
  for_items(g.batch * each, g.n, [&](int row, int c) {
    const int b = row / each, place = row - b * each - margin, t = mirrored(place, g.rows);
    const X* x = reinterpret_cast<const X*>(g.x) + g.x_at(b * g.rows + t);
    const W* w = static_cast<const W*>(g.w) + static_cast<int64_t>(c) * g.w_stride;
    float sum = g.bias == nullptr ? 0.0f : g.bias[c];
    for (int i = 0; i < g.k; i++) {
      sum = fmaf(widen(x[i]), widen(w[i]), sum);
    }
    const Y* added = reinterpret_cast<const Y*>(g.residual);
    sum += added == nullptr ? 0.0f : widen(added[(static_cast<int64_t>(b) * each + t) * residual_row + c]);
    reinterpret_cast<Y*>(g.y)[(static_cast<int64_t>(b) * each + place) * g.y_row + c] = Y(sum);
  });
}

}  // namespace

#define ANY_ENTRY(name, W, X, Y)                                                      \
  extern "C" __global__ void __launch_bounds__(256) name(MIRRORED_GEMM_PARAMETERS) {   \
    begin_early();                                                                    \
    each_output<W, X, Y>(MIRRORED_GEMM_CALL(Y), margin, residual_row);                 \
  }

ANY_ENTRY(mirrored_gemm_f32, float, float, float)
ANY_ENTRY(mirrored_gemm_f16, __half, float, float)
ANY_ENTRY(mirrored_gemm_hh, __half, __half, __half)
