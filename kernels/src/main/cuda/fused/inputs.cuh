// A product's inputs, made ready for tensor cores in shared memory.
//
// Of the 8 columns of a tensor core's product a sequence takes two: what of an input fits the type of the weights, and the rest, so that inputs count with twice the digits.
// Operands: two rows of halves a sequence, or one of floats, which are cut in two when they are read.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <type_traits>

#include "fused/cache.cuh"
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

// rows as a constant, so that loads of all sequences are on their way together.
template <class F>
__device__ __forceinline__ void for_rows(int rows, F f) {
  switch (rows) {
    case 1: f(std::integral_constant<int, 1>()); break;
    case 2: f(std::integral_constant<int, 2>()); break;
    case 3: f(std::integral_constant<int, 3>()); break;
    default: f(std::integral_constant<int, kRows>()); break;
  }
}

// x: of the first sequence.
template <class W, int B>
__device__ __forceinline__ void plain_inputs(const Instruction& in, const float* x, char* operands) {
  constexpr int kFew = 5;  // of each sequence in flight
  const int quads = in.k / 4;
  const int pitch = operand_pitch<W>(in.k);
  for (int first = threadIdx.x; first < quads; first += kFew * kConsumers) {
    float4 v[B][kFew];
#pragma unroll
    for (int b = 0; b < B; b++) {
#pragma unroll
      for (int j = 0; j < kFew; j++) {
        look_at(x + b * in.x_row + 4 * min(first + j * kConsumers, quads - 1), v[b][j]);
      }
    }
#pragma unroll
    for (int b = 0; b < B; b++) {
#pragma unroll
      for (int j = 0; j < kFew; j++) {
        const int quad = first + j * kConsumers;
        if (quad < quads) {
          store_inputs<W>(operands, pitch, b, quad, awaited(v[b][j], x + b * in.x_row + 4 * quad));
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

// f(row, quad, value) of the normalised rows. x: of the first. space: [B][kWarps][3].
template <int B, class F>
__device__ __forceinline__ void layer_norm(const Instruction& in, const float* x, const Norm& norm, float* space, F f) {
  float4 v[B][kNormQuads];
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      look_at(x + b * in.x_row + 4 * min(static_cast<int>(threadIdx.x) + j * kConsumers, in.k / 4 - 1), v[b][j]);
    }
  }
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      const int quad = threadIdx.x + j * kConsumers;
      v[b][j] = quad < in.k / 4 ? awaited(v[b][j], x + b * in.x_row + 4 * quad) : make_float4(0, 0, 0, 0);
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
      if (quad < in.k / 4) {
        const float4 g = norm.gain[j], s = norm.shift[j], x = v[b][j];
        f(b, quad, make_float4((x.x - mean) * factor * g.x + s.x, (x.y - mean) * factor * g.y + s.y, (x.z - mean) * factor * g.z + s.z, (x.w - mean) * factor * g.w + s.w));
      }
    }
  }
}

// A piece of one place of an attention's output: its maximum and sum, and its values there.
struct PieceAt {
  float2 top;
  float4 v;

  __device__ __forceinline__ void fetch(const float* from, int column) {
    look_at(from, top);
    look_at(from + column, v);
  }

  __device__ __forceinline__ void await(const float* from, int column) {
    top = awaited(top, from);
    v = awaited(v, from + column);
  }

  __device__ __forceinline__ void add(float most, float& total, float4& y) const {
    const float weight = expf(top.x - most);
    total = fmaf(weight, top.y, total);
    y.x = fmaf(weight, v.x, y.x), y.y = fmaf(weight, v.y, y.y), y.z = fmaf(weight, v.z, y.z), y.w = fmaf(weight, v.w, y.w);
  }
};

// All pieces of a place, the first few on their way while other places' are.
template <int kFew>
struct Pieces {
  const float* from;  // of the head of the sequence
  int column, stride, used;
  PieceAt few[kFew];

  // A head's inputs are a power of two. x: of the attention.
  __device__ __forceinline__ void fetch(const Instruction& in, const float* x, int b, int quad, int pieces) {
    stride = in.head + 4;
    column = 4 + (4 * quad & (in.head - 1));
    from = x + (b * in.heads + (4 * quad >> (31 - __clz(in.head)))) * in.splits * stride;
    used = pieces;
    fetch_from(0);
  }

  __device__ __forceinline__ const float* piece(int s) const { return from + min(s, used - 1) * stride; }

  __device__ __forceinline__ void fetch_from(int first) {
#pragma unroll
    for (int s = 0; s < kFew; s++) {
      few[s].fetch(piece(first + s), column);
    }
  }

  __device__ __forceinline__ void await_from(int first) {
#pragma unroll
    for (int s = 0; s < kFew; s++) {
      few[s].await(piece(first + s), column);
    }
  }

  __device__ __forceinline__ float greatest() const {
    float most = few[0].top.x;
#pragma unroll
    for (int s = 1; s < kFew; s++) {
      most = fmaxf(most, few[s].top.x);
    }
    for (int first = kFew; first < used; first += 4) {
      float2 tops[4];
#pragma unroll
      for (int s = 0; s < 4; s++) {
        look_at(piece(first + s), tops[s]);
      }
#pragma unroll
      for (int s = 0; s < 4; s++) {
        most = fmaxf(most, awaited(tops[s], piece(first + s)).x);
      }
    }
    return most;
  }

  // Put together (flash-decoding, Dao et al. 2023), piece by piece, so that it is the same sum for any kFew.
  __device__ __forceinline__ float4 sum() {
    await_from(0);
    const float most = greatest();
    float total = 0;
    float4 y = make_float4(0, 0, 0, 0);
    for (int first = 0; first < used; first += kFew) {
      if (first > 0) {
        fetch_from(first);
        await_from(first);
      }
#pragma unroll
      for (int s = 0; s < kFew; s++) {
        if (first + s < used) {
          few[s].add(most, total, y);
        }
      }
    }
    const float factor = 1.0f / total;
    return make_float4(y.x * factor, y.y * factor, y.z * factor, y.w * factor);
  }
};

// The attention in front of this product, put together: the places of all sequences in a row.
template <class W, int B>
__device__ __forceinline__ void combined_inputs(const Instruction& in, const float* x, char* operands) {
  constexpr int kFew = B == 1 ? 2 : 3;  // places of a thread on their way together: what registers hold
  const int quads = in.k / 4;
  const int pitch = operand_pitch<W>(in.k);
  int used[B];
#pragma unroll
  for (int b = 0; b < B; b++) {
    used[b] = pieces_of<typename CacheOf<W>::Type>(__ldg(in.lengths + b));
  }
  for (int first = threadIdx.x; first < B * quads; first += kFew * kConsumers) {
    Pieces<2> places[kFew];
    int row[kFew];
#pragma unroll
    for (int j = 0; j < kFew; j++) {
      const int place = min(first + j * kConsumers, B * quads - 1);
      int pieces = used[0];
      row[j] = 0;
#pragma unroll
      for (int b = 1; b < B; b++) {
        if (place >= b * quads) {
          row[j] = b;
          pieces = used[b];
        }
      }
      places[j].fetch(in, x, row[j], place - row[j] * quads, pieces);
    }
#pragma unroll
    for (int j = 0; j < kFew; j++) {
      const int place = first + j * kConsumers;
      if (place < B * quads) {
        store_inputs<W>(operands, pitch, row[j], place - row[j] * quads, places[j].sum());
      }
    }
  }
}

template <class W>
__device__ __forceinline__ void load_inputs(const Instruction& in, const float* x, const Norm& norm, float* space, char* operands) {
  for_rows(in.rows, [&](auto rows) {
    constexpr int B = decltype(rows)::value;
    if (in.prologue == kCombine) {
      combined_inputs<W, B>(in, x, operands);
    } else if (in.prologue == kLayerNorm) {
      const int pitch = operand_pitch<W>(in.k);
      layer_norm<B>(in, x, norm, space, [&](int b, int quad, float4 v) { store_inputs<W>(operands, pitch, b, quad, v); });
    } else {
      plain_inputs<W, B>(in, x, operands);
    }
  });
  meet();
}

#endif

}  // namespace
