// A product and the gated unit over its two halves at once: what would lie between them never reaches memory.
//
// Ladder (2582x3072x512 and SwiGLU, half precision, H100; product alone 22.1 us, gated unit alone 10.6 us):
//   the product's tiles with half of the columns of each half of w, precise functions   predicted  23 us    got 33.3 us   two waves end in 64 quotients a thread
//   the device's own exponential and quotient                                           predicted  23 us    got 23.8 us
//   a block does several tiles, the next one's slices on their way while one is written; exponential and reciprocal without
//   their small cases; what is added is held before the sums     predicted  17 us    got 17.2 us   for 22.5 us in the same run (a library's product alone: 15.7 us)
// Measured in a block before that: 1.4 us until the first slice, 5.4 us for the sums (4.8 us are the tensor cores'), 3.8 us to write, twice.
// Blocks of a cluster that share the weights' slices: 25.4 us for 23.2 us; weights asked for before the launch ahead has ended: 24.8 us; not kept.
// WaveNet's: 20.8 us before, 15.9 us so (a library's product alone 14.7 us); its constants had been asked for one after the other.
// WaveNet's at first (2 x 877x1024x2560, tanh; product alone 17.4 us, gated unit alone 4.3 us): predicted 19 us, got 19.0 us.
#include "gemm/pipeline.cuh"

#define GATED_GEMM_PARAMETERS                                                                                                                       \
  const float *x, const void *w, const float *bias, const float *shift, float *y, int batch, int rows, int taps, int x_row, int x_tap, int x_batch, \
      int y_row, int y_batch, int gate, int w_stride, int x_extent, int n, int k, int y_extent, void *scratch
#define GATED_GEMM_CALL                                                                                                                              \
  GemmCall { x, w, bias, nullptr, nullptr, y, batch, rows, taps, x_row, x_tap, x_batch, y_row, y_batch, NONE, 1.0f, w_stride, n, k, nullptr, x_extent, shift }

#define GATED_GEMM_ENTRY(name, gate_, columns, stages)                                                                                              \
  extern "C" __global__ void __launch_bounds__(384, 1)                                                                                              \
      name(GATED_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) {                                \
    gated_pipeline<columns, stages, gate_>(GATED_GEMM_CALL, x_map, w_map);                                                                 \
  }

GATED_GEMM_ENTRY(gated_gemm_swiglu_128x256, SWIGLU, 256, 4)
GATED_GEMM_ENTRY(gated_gemm_swiglu_128x192, SWIGLU, 192, 5)
GATED_GEMM_ENTRY(gated_gemm_swiglu_128x128, SWIGLU, 128, 6)
GATED_GEMM_ENTRY(gated_gemm_tanh_128x256, GATED_TANH, 256, 4)
GATED_GEMM_ENTRY(gated_gemm_tanh_128x192, GATED_TANH, 192, 5)
GATED_GEMM_ENTRY(gated_gemm_tanh_128x128, GATED_TANH, 128, 6)

namespace {

// A thread for an output: for devices and places where the other entries do not run, and for nobody who is in a hurry.
template <class W, class X, class Y>
__device__ __forceinline__ void each_output(const GemmCall& g, int gate) {
  const int d = g.n / 2, run = g.k / g.taps;
  with_gate(gate, [&](auto function) {
    for_items(g.count(), d, [&](int row, int c) {
      const X* x = reinterpret_cast<const X*>(g.x) + g.x_at(row);
      const W *first = static_cast<const W*>(g.w) + static_cast<int64_t>(c) * g.w_stride, *second = first + static_cast<int64_t>(d) * g.w_stride;
      float a = 0, b = 0;
      for (int tap = 0; tap < g.taps; tap++) {
        for (int i = 0; i < run; i++) {
          const float v = widen(x[static_cast<int64_t>(tap) * g.x_tap + i]);
          a = fmaf(v, widen(first[tap * run + i]), a);
          b = fmaf(v, widen(second[tap * run + i]), b);
        }
      }
      const auto add = [&](float sum, int at) { return sum + (g.bias == nullptr ? 0.0f : g.bias[at]) + (g.shift == nullptr ? 0.0f : g.shift[at]); };
      reinterpret_cast<Y*>(g.y)[g.y_at(row) + c] = Y(gated<function.value>(add(a, c), add(b, d + c)));
    });
  });
}

}  // namespace

#define ANY_ENTRY(name, W, X, Y)                                                                                                                    \
  extern "C" __global__ void __launch_bounds__(256) name(GATED_GEMM_PARAMETERS) {                                                                     \
    begin_early();                                                                                                                                   \
    each_output<W, X, Y>(GATED_GEMM_CALL, gate);                                                                                                     \
  }

ANY_ENTRY(gated_gemm_f32, float, float, float)
ANY_ENTRY(gated_gemm_f16, __half, float, float)
ANY_ENTRY(gated_gemm_hh, __half, __half, __half)
