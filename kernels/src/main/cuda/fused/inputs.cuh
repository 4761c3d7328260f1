// A product's inputs, made ready for tensor cores in shared memory.
//
// Of the 8 columns of a tensor core's product a sequence takes two: what of an input fits the type of the weights, and the rest, so that inputs count with twice the digits.
// Operands: two rows of halves a sequence, or one of floats, which are cut in two when they are read.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "fused/grid.cuh"
#include "fused/instruction.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

constexpr int kRows = 4;  // sequences, most
constexpr int kNormQuads = 2;  // of a row that a thread holds for its norm: rows of up to 2048

// Bytes from one row of operands to the next: an odd multiple of 64, so that eight lanes read two rows without bank conflicts.
template <class W>
__device__ __forceinline__ int operand_pitch(int k) {
  return sizeof(W) == 4 ? 4 * k : (2 * k + 127) / 128 * 128 + 64;
}

__device__ __forceinline__ float4 read4(const float* p) { return __ldcg(reinterpret_cast<const float4*>(p)); }

__device__ __forceinline__ uint2 pair_of_pairs(float2 low, float2 high, const __half*) {
  const __half2 a = __float22half2_rn(low), b = __float22half2_rn(high);
  return make_uint2(*reinterpret_cast<const uint32_t*>(&a), *reinterpret_cast<const uint32_t*>(&b));
}

__device__ __forceinline__ uint2 pair_of_pairs(float2 low, float2 high, const __nv_bfloat16*) {
  const __nv_bfloat162 a = __float22bfloat162_rn(low), b = __float22bfloat162_rn(high);
  return make_uint2(*reinterpret_cast<const uint32_t*>(&a), *reinterpret_cast<const uint32_t*>(&b));
}

__device__ __forceinline__ float4 widened(uint2 v, const __half*) {
  const float2 a = __half22float2(*reinterpret_cast<const __half2*>(&v.x)), b = __half22float2(*reinterpret_cast<const __half2*>(&v.y));
  return make_float4(a.x, a.y, b.x, b.y);
}

__device__ __forceinline__ float4 widened(uint2 v, const __nv_bfloat16*) {
  const float2 a = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&v.x)), b = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&v.y));
  return make_float4(a.x, a.y, b.x, b.y);
}

template <class H>
__device__ __forceinline__ void store_halves(char* row, int pitch, int quad, float4 v, const H* type) {
  const uint2 fits = pair_of_pairs(make_float2(v.x, v.y), make_float2(v.z, v.w), type);
  const float4 f = widened(fits, type);
  reinterpret_cast<uint2*>(row)[quad] = fits;
  reinterpret_cast<uint2*>(row + pitch)[quad] = pair_of_pairs(make_float2(v.x - f.x, v.y - f.y), make_float2(v.z - f.z, v.w - f.w), type);
}

// Inputs 4 * quad and on of sequence b.
template <class W>
__device__ __forceinline__ void store_inputs(char* operands, int pitch, int b, int quad, float4 v) {
  if constexpr (sizeof(W) == 4) {
    reinterpret_cast<float4*>(operands + b * pitch)[quad] = v;
  } else if constexpr (sizeof(W) == 1) {
    store_halves(operands + 2 * b * pitch, pitch, quad, v, static_cast<const __half*>(nullptr));  // bytes are widened to halves
  } else {
    store_halves(operands + 2 * b * pitch, pitch, quad, v, static_cast<const W*>(nullptr));
  }
}

template <class W>
__device__ __forceinline__ void plain_inputs(const Instruction& in, char* operands) {
  constexpr int kFew = 5;  // in flight
  const int quads = in.k / 4;
  const int pitch = operand_pitch<W>(in.k);
  for (int b = 0; b < in.rows; b++) {
    const float* x = in.x + static_cast<int64_t>(b) * in.x_row;
    for (int first = threadIdx.x; first < quads; first += kFew * kConsumers) {
      float4 v[kFew];
#pragma unroll
      for (int j = 0; j < kFew; j++) {
        v[j] = read4(x + 4 * min(first + j * kConsumers, quads - 1));
      }
#pragma unroll
      for (int j = 0; j < kFew; j++) {
        if (first + j * kConsumers < quads) {
          store_inputs<W>(operands, pitch, b, first + j * kConsumers, v[j]);
        }
      }
    }
  }
}

// Gain and shift of the inputs that a thread normalises.
struct Norm {
  float4 gain[kNormQuads], shift[kNormQuads];

  __device__ __forceinline__ void fetch(const Instruction& in) {
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      const int quad = threadIdx.x + j * kConsumers;
      gain[j] = in.gain && quad < in.k / 4 ? __ldg(reinterpret_cast<const float4*>(in.gain) + quad) : make_float4(1, 1, 1, 1);
      shift[j] = in.shift && quad < in.k / 4 ? __ldg(reinterpret_cast<const float4*>(in.shift) + quad) : make_float4(0, 0, 0, 0);
    }
  }
};

// Of each; together, so that their latencies overlap.
template <int B>
__device__ __forceinline__ void warp_sums(float (&v)[B]) {
#pragma unroll
  for (int o = 16; o > 0; o /= 2) {
#pragma unroll
    for (int b = 0; b < B; b++) {
      v[b] += __shfl_xor_sync(~0u, v[b], o);
    }
  }
}

__device__ __forceinline__ float sum4(float4 v) { return (v.x + v.y) + (v.z + v.w); }

// Each warp's mean, squared deviation and count of B rows whose quads threadIdx.x + j * kConsumers are v[.][j], 0 beyond k. space: [B][kWarps][3].
template <int B>
__device__ __forceinline__ void warp_moments(const float4 (&v)[B][kNormQuads], int k, float* space) {
  const int warp = threadIdx.x / 32;
  int count = 0;
#pragma unroll
  for (int j = 0; j < kNormQuads; j++) {
    count += 4 * max(0, min(32, k / 4 - warp * 32 - j * kConsumers));
  }
  const float each = 1.0f / max(count, 1);
  float mean[B], square[B];
#pragma unroll
  for (int b = 0; b < B; b++) {
    mean[b] = 0;
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      mean[b] += sum4(v[b][j]);
    }
  }
  warp_sums(mean);
#pragma unroll
  for (int b = 0; b < B; b++) {
    mean[b] *= each;
    square[b] = 0;
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      const bool inside = static_cast<int>(threadIdx.x) + j * kConsumers < k / 4;
      const float4 x = v[b][j];
      const float4 d = inside ? make_float4(x.x - mean[b], x.y - mean[b], x.z - mean[b], x.w - mean[b]) : make_float4(0, 0, 0, 0);
      square[b] += (d.x * d.x + d.y * d.y) + (d.z * d.z + d.w * d.w);
    }
  }
  warp_sums(square);
  if (threadIdx.x % 32 == 0) {
#pragma unroll
    for (int b = 0; b < B; b++) {
      float* to = space + (b * kWarps + warp) * 3;
      to[0] = mean[b], to[1] = square[b], to[2] = static_cast<float>(count);
    }
  }
}

// Put together (Chan et al. 1979).
__device__ __forceinline__ void moments(const float* space, int k, float eps, float& mean, float& factor) {
  float sum = 0, square = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    sum = fmaf(space[3 * w], space[3 * w + 2], sum);
  }
  mean = sum / k;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    const float d = space[3 * w] - mean;
    square += space[3 * w + 1] + space[3 * w + 2] * d * d;
  }
  factor = 1.0f / sqrtf(square / k + eps);
}

// f(row, quad, value) of the normalised rows, B at most. space: [B][kWarps][3].
template <int B, class F>
__device__ __forceinline__ void layer_norm(const Instruction& in, const Norm& norm, float* space, F f) {
  float4 v[B][kNormQuads];
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      const int quad = threadIdx.x + j * kConsumers;
      v[b][j] = b < in.rows && quad < in.k / 4 ? read4(in.x + static_cast<int64_t>(b) * in.x_row + 4 * quad) : make_float4(0, 0, 0, 0);
    }
  }
  warp_moments<B>(v, in.k, space);
  meet();
#pragma unroll
  for (int b = 0; b < B; b++) {
    float mean, factor;
    moments(space + b * kWarps * 3, in.k, in.eps, mean, factor);
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      const int quad = threadIdx.x + j * kConsumers;
      if (b < in.rows && quad < in.k / 4) {
        const float4 g = norm.gain[j], s = norm.shift[j], x = v[b][j];
        f(b, quad, make_float4((x.x - mean) * factor * g.x + s.x, (x.y - mean) * factor * g.y + s.y, (x.z - mean) * factor * g.z + s.z, (x.w - mean) * factor * g.w + s.w));
      }
    }
  }
}

template <class F>
__device__ __forceinline__ void layer_norms(const Instruction& in, const Norm& norm, float* space, F f) {
  if (in.rows == 1) {
    layer_norm<1>(in, norm, space, f);
  } else {
    layer_norm<kRows>(in, norm, space, f);
  }
}

// weights[rows][heads][splits] of an attention's pieces: exp(maximum - the greatest) / the sum over all (flash-decoding, Dao et al. 2023).
__device__ __forceinline__ void piece_weights(const Instruction& in, float* weights) {
  constexpr int kFew = 4;  // in flight
  const int stride = in.head + 4;
  for (int b = threadIdx.x / 64; b < in.rows; b += kConsumers / 64) {
    const int used = pieces_of(__ldg(in.lengths + b));
    for (int h = threadIdx.x % 64; h < in.heads; h += 64) {
      const int pair = b * in.heads + h;
      const float* mine = in.partial + static_cast<int64_t>(pair) * in.splits * stride;
      float* to = weights + pair * in.splits;
      float most = -INFINITY, sum = 0;
      for (int first = 0; first < used; first += kFew) {
        float2 v[kFew];
#pragma unroll
        for (int o = 0; o < kFew; o++) {
          v[o] = first + o < used ? __ldcg(reinterpret_cast<const float2*>(mine + (first + o) * stride)) : make_float2(-INFINITY, 0);
        }
        float greatest = most;
#pragma unroll
        for (int o = 0; o < kFew; o++) {
          greatest = fmaxf(greatest, v[o].x);
        }
        sum *= expf(most - greatest);
#pragma unroll
        for (int o = 0; o < kFew; o++) {
          sum = fmaf(expf(v[o].x - greatest), v[o].y, sum);
          if (first + o < used) {
            to[first + o] = v[o].x;
          }
        }
        most = greatest;
      }
      const float factor = 1.0f / sum;
      for (int s = 0; s < used; s++) {
        to[s] = expf(to[s] - most) * factor;
      }
    }
  }
  meet();
}

// Pieces of an attention at one place of its output: the first few, on their way while their weights are worked out.
template <int kFew>
struct Pieces {
  float4 v[kFew];

  static __device__ __forceinline__ int pair(const Instruction& in, int b, int quad) { return b * in.heads + (4 * quad >> (31 - __clz(in.head))); }

  // A head's inputs are a power of two.
  static __device__ __forceinline__ const float* place(const Instruction& in, int b, int quad) {
    return in.partial + static_cast<int64_t>(pair(in, b, quad)) * in.splits * (in.head + 4) + 4 + (4 * quad & (in.head - 1));
  }

  __device__ __forceinline__ void fetch(const Instruction& in, int b, int quad, int used) {
    const float* from = place(in, b, quad);
#pragma unroll
    for (int s = 0; s < kFew; s++) {
      v[s] = read4(from + min(s, used - 1) * (in.head + 4));
    }
  }

  __device__ __forceinline__ float4 sum(const Instruction& in, int b, int quad, int used, const float* weights) const {
    const float* weight = weights + pair(in, b, quad) * in.splits;
    float4 y = make_float4(0, 0, 0, 0);
    for (int s = 0; s < used; s++) {
      float4 u = v[0];
      if (s < kFew) {
#pragma unroll
        for (int o = 1; o < kFew; o++) {
          u = o == s ? v[o] : u;
        }
      } else {
        u = read4(place(in, b, quad) + s * (in.head + 4));
      }
      y.x = fmaf(weight[s], u.x, y.x), y.y = fmaf(weight[s], u.y, y.y), y.z = fmaf(weight[s], u.z, y.z), y.w = fmaf(weight[s], u.w, y.w);
    }
    return y;
  }
};

// The attention in front of this product, put together.
template <class W, int B>
__device__ __forceinline__ void combined_inputs(const Instruction& in, float* weights, char* operands) {
  constexpr int kFew = 2;  // places of a thread in a row
  using Held = Pieces<B < 3 ? 3 : 2>;
  const int quads = in.k / 4;
  const int pitch = operand_pitch<W>(in.k);
  Held places[B][kFew];
  int used[B];
#pragma unroll
  for (int b = 0; b < B; b++) {
    used[b] = pieces_of(__ldg(in.lengths + min(b, in.rows - 1)));
#pragma unroll
    for (int j = 0; j < kFew; j++) {
      places[b][j].fetch(in, min(b, in.rows - 1), min(static_cast<int>(threadIdx.x) + j * kConsumers, quads - 1), used[b]);
    }
  }
  piece_weights(in, weights);
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < kFew; j++) {
      const int quad = threadIdx.x + j * kConsumers;
      if (b < in.rows && quad < quads) {
        store_inputs<W>(operands, pitch, b, quad, places[b][j].sum(in, b, quad, used[b], weights));
      }
    }
    for (int quad = threadIdx.x + kFew * kConsumers; b < in.rows && quad < quads; quad += kConsumers) {
      Held more;
      more.fetch(in, b, quad, used[b]);
      store_inputs<W>(operands, pitch, b, quad, more.sum(in, b, quad, used[b], weights));
    }
  }
}

template <class W>
__device__ __forceinline__ void combined_inputs(const Instruction& in, float* weights, char* operands) {
  if (in.rows == 1) {
    combined_inputs<W, 1>(in, weights, operands);
  } else {
    combined_inputs<W, kRows>(in, weights, operands);
  }
}

template <class W>
__device__ __forceinline__ void load_inputs(const Instruction& in, const Norm& norm, float* weights, float* space, char* operands) {
  if (in.prologue == kCombine) {
    combined_inputs<W>(in, weights, operands);
  } else if (in.prologue == kLayerNorm) {
    const int pitch = operand_pitch<W>(in.k);
    layer_norms(in, norm, space, [&](int b, int quad, float4 v) { store_inputs<W>(operands, pitch, b, quad, v); });
  } else {
    plain_inputs<W>(in, operands);
  }
  meet();
}

#endif

}  // namespace
