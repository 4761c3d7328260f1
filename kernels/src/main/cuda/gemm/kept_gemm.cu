// A product added to what stands beside it, whose sum is kept twice: as it is, and in parts as halves, for a product that will read it later.
//
// Ladder (2582x512x1536, H100; product alone 13.3 us, rounding half of a skip connection's input 2.8 us):
//   both from the same registers   predicted  14 us    got 14.6 us   once for 5.6 us of rounding a pair
#include "gemm/pipeline.cuh"

namespace {

template <int BN, int STAGES>
struct KeepingPipeline : Pipeline<float, BN, STAGES, 1> {
  using Base = Pipeline<float, BN, STAGES, 1>;
  using Base::Base;

  // Four columns of a thread, of both kinds: neighbouring threads swap halves, so that each has four of one run and not two of two.
  __device__ __forceinline__ void write_both(const float (&acc)[BN / 2], const typename Base::Held& held, __half* z, int z_row, float part) const {
    const bool odd = threadIdx.x & 1;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int64_t place = this->place_of(half), row = static_cast<int64_t>(this->row_of(half)) * z_row;
#pragma unroll
      for (int j = 0; j < BN / 8; j += 2) {
        uint32_t made[2];
#pragma unroll
        for (int u = 0; u < 2; u++) {
          const float *sums = acc + 4 * (j + u) + 2 * half, *beside = held + half * Base::ROW_HELD + 2 * (j + u);
          const float2 v = make_float2(fmaf(this->g.alpha, sums[0], beside[0]), fmaf(this->g.alpha, sums[1], beside[1]));
          const int c = this->n0 + (j + u) * 8 + threadIdx.x % 4 * 2;
          if (place >= 0 && c < this->g.n) {
            *reinterpret_cast<float2*>(this->g.y + place + c) = v;
          }
          made[u] = pack<__half>(part * v.x, part * v.y);
        }
        const uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? made[0] : made[1], 1);
        const int c = this->n0 + (j + odd) * 8 + threadIdx.x % 4 / 2 * 4;
        if (place >= 0 && c < this->g.n) {
          *reinterpret_cast<uint2*>(z + row + c) = odd ? make_uint2(other, made[1]) : make_uint2(made[0], other);
        }
      }
    }
  }

  __device__ __forceinline__ void operate(__half* z, int z_row, float part) const {
    Ring ring;
    if (threadIdx.x >= Base::CONSUMERS) {
      registers_give<40>();
      if (threadIdx.x == Base::CONSUMERS) {
        this->produce(0, this->chunks, ring);
      }
    } else {
      registers_take<232>();
      float acc[BN / 2] = {};
      typename Base::Held held;
      this->hold(held);
      this->consume(acc, 0, this->chunks, ring);
      write_both(acc, held, z, z_row, part);
    }
  }
};

}  // namespace

#define KEPT_GEMM_PARAMETERS                                                                                                                            \
  const float *x, const void *w, const float *residual, float *y, void *z, float alpha, float part, int x_row, int w_stride, int residual_row, int y_row, \
      int z_row, int rows, int k, int n, void *scratch

// The residual has y's strides.
#define KEPT_GEMM_CALL \
  GemmCall { x, w, nullptr, nullptr, residual, y, 1, rows, 1, x_row, 0, rows * x_row, y_row, 0, NONE, alpha, w_stride, n, k, nullptr, 0, nullptr }

extern "C" __global__ void __launch_bounds__(384, 1)
    kept_gemm_128x128(KEPT_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) {
  SYRINX_DYNAMIC_SHARED(memory);
  const GemmCall g = KEPT_GEMM_CALL;
  KeepingPipeline<128, 6>(g, x_map, w_map, memory).operate(static_cast<__half*>(z), z_row, part);
}

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
    g.y[g.y_at(row) + c] = v;
    z[static_cast<int64_t>(row) * z_row + c] = Z(part * v);
  });
}

}  // namespace

#define ANY_ENTRY(name, W, X, Z)                                                           \
  extern "C" __global__ void __launch_bounds__(256) name(KEPT_GEMM_PARAMETERS) {            \
    begin_early();                                                                         \
    each_output<W, X, Z>(KEPT_GEMM_CALL, residual_row, static_cast<Z*>(z), z_row, part);   \
  }

ANY_ENTRY(kept_gemm_f32, float, float, float)
ANY_ENTRY(kept_gemm_f16, __half, float, float)
ANY_ENTRY(kept_gemm_hf, __half, __half, __half)
