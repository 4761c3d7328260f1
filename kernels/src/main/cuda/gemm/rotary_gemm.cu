// A product whose first columns are heads of queries and keys that turn by their positions at once, as in attention/rotary.cu.
//
// Ladder (2582x1536x512, 16 heads of 64 turned, half precision, H100; product alone 9.9 us, turning alone 3.5 us):
//   sums turn in registers, angles asked for before the product   predicted  10 us    got 10.3 us
#include "gemm/pipeline.cuh"

namespace {

// Pairs (2i, 2i + 1) of heads of 2·half columns; row r turns by row positions[r] of the tables.
struct Turns {
  const int* positions;  // [rows]
  const float *cos, *sin;  // [entries][half]
  int cos_row, sin_row, entries, half, columns;  // columns: of all heads that turn

  // Cosine and sine. A position outside the table gives NaN.
  __device__ float2 angle(int position, int pair) const {
    if (position < 0 || position >= entries) {
      return make_float2(NAN, NAN);
    }
    return make_float2(cos[static_cast<int64_t>(position) * cos_row + pair], sin[static_cast<int64_t>(position) * sin_row + pair]);
  }
};

__device__ __forceinline__ float2 turned(float a, float b, float2 angle) { return make_float2(fmaf(a, angle.x, -(b * angle.y)), fmaf(b, angle.x, a * angle.y)); }

// Heads of 64 columns, so that a thread has the same eight pairs of each.
template <int BN, int STAGES>
struct TurningPipeline : Pipeline<__half, BN, STAGES, 1> {
  using Base = Pipeline<__half, BN, STAGES, 1>;
  static_assert(BN % 64 == 0, "");
  using Base::Base;

  __device__ __forceinline__ void hold_angles(const Turns& turns, float2 (&angles)[2][8]) const {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = this->row_of(half), position = row < this->g.count() ? turns.positions[row] : -1;
#pragma unroll
      for (int j = 0; j < 8; j++) {
        angles[half][j] = turns.angle(position, j * 4 + threadIdx.x % 4);
      }
    }
  }

  __device__ __forceinline__ void write_turned(const float (&acc)[BN / 2], const float2 (&angles)[2][8], int columns) const {
    const bool odd = threadIdx.x & 1;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int64_t place = this->place_of(half);
#pragma unroll
      for (int j = 0; j < BN / 8; j += 2) {
        uint32_t made[2];
#pragma unroll
        for (int u = 0; u < 2; u++) {
          const float* sums = acc + 4 * (j + u) + 2 * half;
          const float2 v = this->n0 + j * 8 < columns ? turned(sums[0], sums[1], angles[half][(j + u) % 8]) : make_float2(sums[0], sums[1]);
          made[u] = pack<__half>(v.x, v.y);
        }
        // Neighbouring threads swap, so that each has four columns of one run and not two of two.
        const uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? made[0] : made[1], 1);
        const int c = this->n0 + (j + odd) * 8 + threadIdx.x % 4 / 2 * 4;
        if (place >= 0 && c < this->g.n) {
          *reinterpret_cast<uint2*>(reinterpret_cast<__half*>(this->g.y) + place + c) = odd ? make_uint2(other, made[1]) : make_uint2(made[0], other);
        }
      }
    }
  }

  __device__ __forceinline__ void operate(const Turns& turns) const {
    Ring ring;
    if (threadIdx.x >= Base::CONSUMERS) {
      registers_give<40>();
      if (threadIdx.x == Base::CONSUMERS) {
        this->produce(0, this->chunks, ring);
      }
    } else {
      registers_take<232>();
      float acc[BN / 2] = {};
      float2 angles[2][8];
      hold_angles(turns, angles);
      this->consume(acc, 0, this->chunks, ring);
      write_turned(acc, angles, turns.columns);
    }
  }
};

}  // namespace

#define ROTARY_GEMM_PARAMETERS                                                                                                                          \
  const float *x, const void *w, const int *positions, const float *cos, const float *sin, float *y, int heads, int x_row, int w_stride, int cos_row,   \
      int sin_row, int y_row, int rows, int k, int n, int entries, int half, void *scratch
#define ROTARY_GEMM_CALL                                                                                                                            \
  GemmCall { x, w, nullptr, nullptr, nullptr, y, 1, rows, 1, x_row, 0, rows * x_row, y_row, 0, NONE, 1.0f, w_stride, n, k, nullptr, 0, nullptr }
#define ROTARY_GEMM_TURNS                                                      \
  Turns { positions, cos, sin, cos_row, sin_row, entries, half, heads * 2 * half }

#define ROTARY_GEMM_ENTRY(columns, stages)                                                                                            \
  extern "C" __global__ void __launch_bounds__(384, 1)                                                                                \
      rotary_gemm_128x##columns(ROTARY_GEMM_PARAMETERS, const __grid_constant__ TensorMap x_map, const __grid_constant__ TensorMap w_map) { \
    SYRINX_DYNAMIC_SHARED(memory);                                                                                                    \
    const GemmCall g = ROTARY_GEMM_CALL;                                                                                              \
    TurningPipeline<columns, stages>(g, x_map, w_map, memory).operate(ROTARY_GEMM_TURNS);                                             \
  }

ROTARY_GEMM_ENTRY(256, 4)
ROTARY_GEMM_ENTRY(192, 5)
ROTARY_GEMM_ENTRY(128, 6)

namespace {

// A thread for two outputs: for devices and places where the other entries do not run, and for nobody who is in a hurry.
template <class W, class X, class Y>
__device__ __forceinline__ void each_pair(const GemmCall& g, const Turns& turns) {
  for_items(g.rows, (g.n + 1) / 2, [&](int row, int pair) {
    const X* x = reinterpret_cast<const X*>(g.x) + g.x_at(row);
    Y* y = reinterpret_cast<Y*>(g.y) + g.y_at(row);
    const int c = 2 * pair, second = min(c + 1, g.n - 1);
    const W *first_row = static_cast<const W*>(g.w) + static_cast<int64_t>(c) * g.w_stride, *second_row = static_cast<const W*>(g.w) + static_cast<int64_t>(second) * g.w_stride;
    float2 v = make_float2(0, 0);
    for (int i = 0; i < g.k; i++) {
      const float factor = widen(x[i]);
      v.x = fmaf(factor, widen(first_row[i]), v.x);
      v.y = fmaf(factor, widen(second_row[i]), v.y);
    }
    if (c < turns.columns) {
      v = turned(v.x, v.y, turns.angle(turns.positions[row], pair % turns.half));
    }
    y[c] = Y(v.x);
    if (c + 1 < g.n) {
      y[c + 1] = Y(v.y);
    }
  });
}

}  // namespace

#define ANY_ENTRY(name, W, X, Y)                                                \
  extern "C" __global__ void __launch_bounds__(256) name(ROTARY_GEMM_PARAMETERS) { \
    begin_early();                                                              \
    each_pair<W, X, Y>(ROTARY_GEMM_CALL, ROTARY_GEMM_TURNS);                    \
  }

ANY_ENTRY(rotary_gemm_f32, float, float, float)
ANY_ENTRY(rotary_gemm_f16, __half, float, float)
ANY_ENTRY(rotary_gemm_hh, __half, __half, __half)
