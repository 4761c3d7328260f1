// Product of few rows with a wide matrix: the decoder's step, bound by reading the weights once. Float32 arithmetic. Which lane of which warp sums what, and in which
// order, depends on k and the weights' type alone: a row gives the same bytes alone and in a batch.
//
// Ladder (3840x1280 half precision, one row, H100; 9.83 MB at 3.07 TB/s + 1.4 us of ramp: floor 4.6 us):
//   one thread per output                                    predicted   60 us    got -     neighbours read 2560 bytes apart
//   one warp per output, 16 bytes per lane at a time         predicted    9 us    got -     one load under way per lane
//   all 5 loads of a lane under way, several warps on long k predicted  5.2 us    got -
//   bias and residual fetched before the weights             predicted  4.9 us    got -
#include "gemm/call.cuh"

namespace {

constexpr int LOADS = 5;              // 16-byte loads under way in a lane, for each output
constexpr int PART = 32 * LOADS;      // vectors of a row that one warp takes, unless there would be more than MOST_PARTS parts
constexpr int MOST_PARTS = 8;
constexpr int MOST_WARPS = 8;

// 16 bytes of weights as floats, four at a time.
template <class W>
struct Vector;

template <>
struct Vector<float> {
  static constexpr int COUNT = 4;
  static __device__ float4 four(const uint4& v, int) {
    return make_float4(__uint_as_float(v.x), __uint_as_float(v.y), __uint_as_float(v.z), __uint_as_float(v.w));
  }
};

template <>
struct Vector<__half> {
  static constexpr int COUNT = 8;
  static __device__ float4 four(const uint4& v, int i) {
    const uint32_t low = i == 0 ? v.x : v.z, high = i == 0 ? v.y : v.w;
    const float2 a = __half22float2(*reinterpret_cast<const __half2*>(&low)), b = __half22float2(*reinterpret_cast<const __half2*>(&high));
    return make_float4(a.x, a.y, b.x, b.y);
  }
};

template <>
struct Vector<__nv_bfloat16> {
  static constexpr int COUNT = 8;
  static __device__ float4 four(const uint4& v, int i) {
    const uint32_t low = i == 0 ? v.x : v.z, high = i == 0 ? v.y : v.w;
    return make_float4(__uint_as_float(low << 16), __uint_as_float(low & 0xffff0000u), __uint_as_float(high << 16), __uint_as_float(high & 0xffff0000u));
  }
};

template <>
struct Vector<int8_t> {
  static constexpr int COUNT = 16;
  // The byte plus 128 in the low bits of 2^23 is a float; taking 2^23 + 128 away is exact, and faster than a conversion.
  static __device__ float4 four(const uint4& v, int i) {
    const uint32_t bytes = (i == 0 ? v.x : i == 1 ? v.y : i == 2 ? v.z : v.w) ^ 0x80808080u;
    return make_float4(one(bytes, 0x7440), one(bytes, 0x7441), one(bytes, 0x7442), one(bytes, 0x7443));
  }
  static __device__ float one(uint32_t bytes, uint32_t select) { return __uint_as_float(__byte_perm(bytes, 0x4b000000u, select)) - 8388736.0f; }
};

__device__ __forceinline__ uint32_t bits_of(float v) { return __float_as_uint(v); }
__device__ __forceinline__ uint32_t bits_of(__half v) { return *reinterpret_cast<const uint16_t*>(&v); }
__device__ __forceinline__ uint32_t bits_of(__nv_bfloat16 v) { return *reinterpret_cast<const uint16_t*>(&v); }
__device__ __forceinline__ uint32_t bits_of(int8_t v) { return static_cast<uint8_t>(v); }

// Which vectors of a row a warp sums.
struct Share {
  int parts, part, begin, end;

  __device__ Share(int vectors, int warp) {
    parts = 1;
    while (parts < MOST_PARTS && vectors > parts * PART) {
      parts *= 2;
    }
    part = warp & (parts - 1);
    const int each = (vectors + parts * 32 - 1) / (parts * 32) * 32;
    begin = part * each;
    end = min(vectors, begin + each);
  }
};

// ROWS rows of x, OUTPUTS rows of w for each group of warps.
template <class W, int ROWS, int OUTPUTS>
struct Skinny {
  static constexpr int COUNT = Vector<W>::COUNT;

  const GemmCall& g;
  int lane;
  bool wide;
  int x[ROWS];  // x_extent is an int, so places in x are
  const W* w[OUTPUTS];

  __device__ Skinny(const GemmCall& call, int row0, int output0) : g(call), lane(threadIdx.x & 31) {
    wide = aligned(g.x, 16) && aligned(g.w, 16) && ((g.x_row | g.x_batch) & 3) == 0 && (g.w_stride | g.k) % COUNT == 0;
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      x[r] = static_cast<int>(g.x_at(min(row0 + r, g.count() - 1)));
    }
#pragma unroll
    for (int o = 0; o < OUTPUTS; o++) {
      w[o] = static_cast<const W*>(g.w) + static_cast<int64_t>(min(output0 + o, g.n - 1)) * g.w_stride;
    }
  }

  // Vector v of an output's weights; zeros behind the end.
  template <bool WIDE>
  __device__ uint4 weights(const W* row, int v) const {
    if constexpr (WIDE) {
      return load_stream(row + v * COUNT);
    }
    constexpr int BITS = 8 * sizeof(W), EACH = 32 / BITS;
    uint32_t words[4] = {};
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      if (v * COUNT + i < g.k) {
        words[i / EACH] |= bits_of(row[v * COUNT + i]) << (i % EACH * BITS);
      }
    }
    return make_uint4(words[0], words[1], words[2], words[3]);
  }

  template <bool WIDE>
  __device__ float4 inputs(int row, int at) const {
    const float* from = g.x + row + at;
    if constexpr (WIDE) {
      return *reinterpret_cast<const float4*>(from);
    }
    return make_float4(at < g.k ? from[0] : 0.0f, at + 1 < g.k ? from[1] : 0.0f, at + 2 < g.k ? from[2] : 0.0f, at + 3 < g.k ? from[3] : 0.0f);
  }

  template <bool WIDE>
  __device__ void add(float (&acc)[ROWS][OUTPUTS], const uint4 (&raw)[OUTPUTS], int v) const {
    constexpr int UNROLL = COUNT == 16 && ROWS > 4 ? 1 : COUNT / 4;  // all inputs of 8 rows at once do not fit the registers
#pragma unroll UNROLL
    for (int i = 0; i < COUNT / 4; i++) {
      float4 b[OUTPUTS];
#pragma unroll
      for (int o = 0; o < OUTPUTS; o++) {
        b[o] = Vector<W>::four(raw[o], i);
      }
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        const float4 a = inputs<WIDE>(x[r], v * COUNT + 4 * i);
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) {
          acc[r][o] = fmaf(a.w, b[o].w, fmaf(a.z, b[o].z, fmaf(a.y, b[o].y, fmaf(a.x, b[o].x, acc[r][o]))));
        }
      }
    }
  }

  __device__ void sum(float (&acc)[ROWS][OUTPUTS], const Share& share) const {
    if (!wide) {
#pragma unroll 1
      for (int v = share.begin + lane; v < share.end; v += 32) {
        uint4 raw[OUTPUTS];
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) {
          raw[o] = weights<false>(w[o], v);
        }
        add<false>(acc, raw, v);
      }
      return;
    }
    constexpr int DEEP = ROWS > 4 ? 2 : ROWS > 2 && COUNT == 16 ? 3 : LOADS;  // as many as registers allow; the order of the sums does not depend on it
#pragma unroll 1
    for (int v = share.begin + lane; v < share.end; v += 32 * DEEP) {
      uint4 raw[DEEP][OUTPUTS];
#pragma unroll
      for (int u = 0; u < DEEP; u++) {
#pragma unroll
        for (int o = 0; o < OUTPUTS; o++) {
          if (v + 32 * u < share.end) {
            raw[u][o] = weights<true>(w[o], v + 32 * u);
          }
        }
      }
#pragma unroll
      for (int u = 0; u < DEEP; u++) {
        if (v + 32 * u < share.end) {
          add<true>(acc, raw[u], v + 32 * u);
        }
      }
    }
  }
};

// What follows the sum of one output, read before the weights: the answer takes as long as theirs.
struct Ending {
  bool there;
  int j;
  int64_t place;
  float bias = 0, scale = 1, residual = 0;

  __device__ Ending(const GemmCall& g, int row, int output, bool mine) : there(mine && row < g.count() && output < g.n), j(output), place(0) {
    if (there) {
      place = g.y_at(row) + j;
      bias = g.bias == nullptr ? 0.0f : g.bias[j];
      scale = g.scale == nullptr ? 1.0f : g.scale[j];
      residual = g.residual == nullptr ? 0.0f : g.residual[place];
    }
  }

  __device__ void write(const GemmCall& g, float sum) const {
    if (there) {
      g.y[place] = fmaf(g.alpha, activated(g.activation, fmaf(sum, scale, bias)), residual);
    }
  }
};

template <class W, int ROWS, int OUTPUTS>
__device__ __forceinline__ void skinny(const GemmCall& g) {
  constexpr int SUMS = ROWS * OUTPUTS;
  __shared__ float sums[MOST_WARPS][SUMS];
  const int warp = threadIdx.x / 32;
  const Share share((g.k + Vector<W>::COUNT - 1) / Vector<W>::COUNT, warp);
  const int groups = blockDim.x / 32 / share.parts;
  const int chunks = (g.count() + ROWS - 1) / ROWS;
  const int row0 = blockIdx.x % chunks * ROWS;
  const int output0 = blockIdx.x / chunks * groups * OUTPUTS;
  const int t = threadIdx.x;
  const Ending ending(g, row0 + t % SUMS / OUTPUTS, output0 + t / SUMS * OUTPUTS + t % OUTPUTS, t < groups * SUMS);
  const Skinny<W, ROWS, OUTPUTS> work(g, row0, output0 + warp / share.parts * OUTPUTS);
  float acc[ROWS][OUTPUTS] = {};
  work.sum(acc, share);
#pragma unroll
  for (int i = 0; i < SUMS; i++) {
    float v = acc[i / OUTPUTS][i % OUTPUTS];
#pragma unroll
    for (int apart = 16; apart > 0; apart /= 2) {
      v += __shfl_xor_sync(0xffffffffu, v, apart);
    }
    if (work.lane == i) {
      sums[warp][i] = v;
    }
  }
  __syncthreads();
  if (t < groups * SUMS) {
    float v = 0;
    for (int p = 0; p < share.parts; p++) {
      v += sums[t / SUMS * share.parts + p][t % SUMS];
    }
    ending.write(g, v);
  }
}

}  // namespace

#define SKINNY_ENTRIES(type, name)                                              \
  GEMM_ENTRY(gemm_skinny_##name##_1, 256, 3, skinny<type, 1, 1>)                \
  GEMM_ENTRY(gemm_skinny_##name##_2, 256, 2, skinny<type, 2, 2>)                \
  GEMM_ENTRY(gemm_skinny_##name##_4, 256, 2, skinny<type, 4, 2>)                \
  GEMM_ENTRY(gemm_skinny_##name##_8, 256, 2, skinny<type, 8, 2>)

SKINNY_ENTRIES(float, f32)
SKINNY_ENTRIES(__half, f16)
SKINNY_ENTRIES(__nv_bfloat16, bf16)
SKINNY_ENTRIES(int8_t, i8)
