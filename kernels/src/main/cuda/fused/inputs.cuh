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
    float4 v[B * kFew];
    const auto from = [&](int i) { return x + i / kFew * in.x_row + 4 * min(first + i % kFew * kConsumers, quads - 1); };
#pragma unroll
    for (int i = 0; i < B * kFew; i++) {
      look_at(from(i), v[i]);
    }
    await_each(v, from);
#pragma unroll
    for (int i = 0; i < B * kFew; i++) {
      const int quad = first + i % kFew * kConsumers;
      if (quad < quads) {
        store_inputs<W>(operands, pitch, i / kFew, quad, v[i]);
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

// Inputs of a row of k that fall to a warp.
__device__ __forceinline__ float inputs_of(int warp, int k) {
  int count = 0;
#pragma unroll
  for (int j = 0; j < kNormQuads; j++) {
    count += 4 * max(0, min(32, k / 4 - warp * 32 - j * kConsumers));
  }
  return static_cast<float>(count);
}

// Each warp's mean and squared deviation of B rows whose quads threadIdx.x + j * kConsumers are v[b * kNormQuads + j], 0 beyond k. space: [B][kWarps].
template <int B>
__device__ __forceinline__ void warp_moments(const float4 (&v)[B * kNormQuads], int k, float2* space) {
  const int warp = threadIdx.x / 32;
  const float each = 1.0f / fmaxf(inputs_of(warp, k), 1.0f);
  float mean[B], square[B];
#pragma unroll
  for (int b = 0; b < B; b++) {
    mean[b] = 0;
#pragma unroll
    for (int j = 0; j < kNormQuads; j++) {
      mean[b] += sum4(v[b * kNormQuads + j]);
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
      const float4 x = v[b * kNormQuads + j];
      const float4 d = inside ? make_float4(x.x - mean[b], x.y - mean[b], x.z - mean[b], x.w - mean[b]) : make_float4(0, 0, 0, 0);
      square[b] += (d.x * d.x + d.y * d.y) + (d.z * d.z + d.w * d.w);
    }
  }
  warp_sums(square);
  if (threadIdx.x % 32 == 0) {
#pragma unroll
    for (int b = 0; b < B; b++) {
      space[b * kWarps + warp] = make_float2(mean[b], square[b]);
    }
  }
}

__device__ __forceinline__ float over_warps(float v) {
#pragma unroll
  for (int o = 1; o < kWarps; o *= 2) {
    v += __shfl_xor_sync(~0u, v, o);
  }
  return v;
}

// Put together (Chan et al. 1979), of all rows at once: each lane takes a warp's moments of one row.
template <int B>
__device__ __forceinline__ void moments(const float2* space, int k, float eps, float (&mean)[B], float (&factor)[B]) {
  static_assert(kRows * kWarps <= 32);
  const int lane = threadIdx.x % 32;
  const float2 own = space[min(lane, B * kWarps - 1)];
  const float count = inputs_of(lane % kWarps, k);
  const float middle = over_warps(own.x * count) / k;
  const float d = own.x - middle;
  const float scale = 1.0f / sqrtf(over_warps(own.y + count * d * d) / k + eps);
#pragma unroll
  for (int b = 0; b < B; b++) {
    mean[b] = __shfl_sync(~0u, middle, b * kWarps);
    factor[b] = __shfl_sync(~0u, scale, b * kWarps);
  }
}

// f(row, quad, value) of the normalised rows. x: of the first. space: [B][kWarps][2].
template <int B, class F>
__device__ __forceinline__ void layer_norm(const Instruction& in, const float* x, const Norm& norm, float* space, F f) {
  float4 v[B * kNormQuads];
  const auto from = [&](int i) { return x + i / kNormQuads * in.x_row + 4 * min(static_cast<int>(threadIdx.x) + i % kNormQuads * kConsumers, in.k / 4 - 1); };
#pragma unroll
  for (int i = 0; i < B * kNormQuads; i++) {
    look_at(from(i), v[i]);
  }
  await_each(v, from);
#pragma unroll
  for (int i = 0; i < B * kNormQuads; i++) {
    v[i] = static_cast<int>(threadIdx.x) + i % kNormQuads * kConsumers < in.k / 4 ? v[i] : make_float4(0, 0, 0, 0);
  }
  warp_moments<B>(v, in.k, reinterpret_cast<float2*>(space));
  meet();
  float mean[B], factor[B];
  moments<B>(reinterpret_cast<const float2*>(space), in.k, in.eps, mean, factor);
#pragma unroll
  for (int i = 0; i < B * kNormQuads; i++) {
    const int b = i / kNormQuads, j = i % kNormQuads;
    const int quad = threadIdx.x + j * kConsumers;
    if (quad < in.k / 4) {
      const float4 g = norm.gain[j], s = norm.shift[j], y = v[i];
      const float m = mean[b], q = factor[b];
      f(b, quad, make_float4((y.x - m) * q * g.x + s.x, (y.y - m) * q * g.y + s.y, (y.z - m) * q * g.z + s.z, (y.w - m) * q * g.w + s.w));
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

  __device__ __forceinline__ bool there() const { return arrived(top) & arrived(v); }

  __device__ __forceinline__ void await(const float* from, int column) {
    top = awaited(top, from);
    v = awaited(v, from + column);
  }

  // Put together (flash-decoding, Dao et al. 2023).
  __device__ __forceinline__ void add(const PieceAt& p) {
    const float most = fmaxf(top.x, p.top.x);
    const float mine = expf(top.x - most), others = expf(p.top.x - most);
    top.x = most;
    top.y = fmaf(others, p.top.y, mine * top.y);
    v.x = fmaf(others, p.v.x, mine * v.x), v.y = fmaf(others, p.v.y, mine * v.y), v.z = fmaf(others, p.v.z, mine * v.z), v.w = fmaf(others, p.v.w, mine * v.w);
  }
};

// All pieces of a place, the first two on their way while other places' are.
struct Pieces {
  const float* from;  // of the head of the sequence
  int column, stride, used;
  PieceAt one, two;

  // A head's inputs are a power of two. x: of the attention.
  __device__ __forceinline__ void fetch(const Instruction& in, const float* x, int b, int quad, int pieces) {
    stride = in.head + 4;
    column = 4 + (4 * quad & (in.head - 1));
    from = x + (b * in.heads + (4 * quad >> (31 - __clz(in.head)))) * in.splits * stride;
    used = pieces;
    one.fetch(from, column);
    two.fetch(second(), column);
  }

  __device__ __forceinline__ const float* second() const { return from + (used > 1 ? stride : 0); }

  __device__ __forceinline__ bool there() const { return one.there() & two.there(); }

  __device__ __forceinline__ void await() {
    one.await(from, column);
    two.await(second(), column);
  }

  // Piece by piece.
  __device__ __forceinline__ float4 sum() {
    two.top.x = used > 1 ? two.top.x : -INFINITY;
    one.add(two);
    for (int s = 2; s < used; s++) {
      two.fetch(from + s * stride, column);
      two.await(from + s * stride, column);
      one.add(two);
    }
    const float factor = 1.0f / one.top.y;
    return make_float4(one.v.x * factor, one.v.y * factor, one.v.z * factor, one.v.w * factor);
  }
};

// The attention in front of this product, put together: the places of all sequences in a row. used: pieces of each.
template <class W, int B>
__device__ __forceinline__ void combined_inputs(const Instruction& in, const float* x, const int (&used)[kRows], char* operands) {
  constexpr int kFew = B < 4 ? B + 1 : 4;  // places of a thread on their way together: up to three sequences of 1280 at once
  const int quads = in.k / 4;
  const int pitch = operand_pitch<W>(in.k);
  for (int first = threadIdx.x; first < B * quads; first += kFew * kConsumers) {
    Pieces places[kFew];
    int row[kFew];
    bool all = true;
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
      all &= places[j].there();
    }
    if (!all) {
#pragma unroll
      for (int j = 0; j < kFew; j++) {
        places[j].await();
      }
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

// What of a product's inputs is known before they are.
struct InputsAhead {
  Norm norm;
  int pieces[kRows];  // of each sequence's attention

  template <class C>
  __device__ __forceinline__ void fetch(const Instruction& in) {
    if (in.prologue == kLayerNorm) {
      norm.fetch(in);
    } else if (in.prologue == kCombine) {
#pragma unroll
      for (int b = 0; b < kRows; b++) {
        pieces[b] = cut<C>(__ldg(in.lengths + min(b, in.rows - 1))).pieces;
      }
    }
  }
};

template <class W>
__device__ __forceinline__ void load_inputs(const Instruction& in, const float* x, const InputsAhead& ahead, float* space, char* operands) {
  for_rows(in.rows, [&](auto rows) {
    constexpr int B = decltype(rows)::value;
    if (in.prologue == kCombine) {
      combined_inputs<W, B>(in, x, ahead.pieces, operands);
    } else if (in.prologue == kLayerNorm) {
      const int pitch = operand_pitch<W>(in.k);
      layer_norm<B>(in, x, ahead.norm, space, [&](int b, int quad, float4 v) { store_inputs<W>(operands, pitch, b, quad, v); });
    } else {
      plain_inputs<W, B>(in, x, operands);
    }
  });
  meet();
}

#endif

}  // namespace
