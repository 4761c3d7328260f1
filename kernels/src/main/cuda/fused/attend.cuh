// One query against a paged cache, in pieces that blocks take each for itself.
//
// All positions but the newest were written by earlier launches; the newest comes with the query, and the others are asked for while it is on its way.
#pragma once

#include "fused/cache.cuh"
#include "fused/grid.cuh"
#include "fused/instruction.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

template <class C>
constexpr int kRounds = kPiece<C> / kAtOnce;  // positions of four lanes
static_assert(kAtOnce == 8 * kWarps);
constexpr int kQuads = 4;  // of floats of a lane: heads of up to 64

// Which piece of which head of which sequence, and where this lane's positions lie in keys and values: below 0 beyond the piece's end.
template <class C>
struct Piece {
  int b, h, s, begin, length;
  int row[kRounds<C>];

  __device__ __forceinline__ int position(int round) const { return begin + round * kAtOnce + threadIdx.x / 4; }
};

// Pieces that some sequence is long enough for.
template <class C>
__device__ __forceinline__ int pieces(const Instruction& in) {
  int most = 0;
  for (int b = 0; b < in.rows; b++) {
    most = max(most, cut<C>(__ldg(in.lengths + b)).pieces);
  }
  return in.rows * in.heads * most;
}

// Pieces outermost: the ones in use come first and spread over all blocks.
template <class C>
__device__ __forceinline__ Piece<C> piece_at(const Instruction& in, int item) {
  const int pairs = in.rows * in.heads;
  const int pair = item % pairs;
  Piece<C> p{pair / in.heads, pair % in.heads, item / pairs, 0, 0, {}};
  p.length = __ldg(in.lengths + p.b);
  const int each = cut<C>(p.length).each;
  p.begin = p.s * each;
  const int* table = in.table + static_cast<int64_t>(p.b) * in.table_row;
#pragma unroll
  for (int r = 0; r < kRounds<C>; r++) {
    const int at = min(p.position(r), in.positions - 1);
    const int slot = in.block_size == 1 ? __ldg(table + at) : __ldg(table + at / in.block_size) * in.block_size + at % in.block_size;
    p.row[r] = r * kAtOnce < each && p.position(r) < p.length ? slot : -1;
  }
  return p;
}

// The fetching warp's part: rows of older positions into the L2 cache, a phase or two before their attention.
template <class C>
__device__ __forceinline__ void prefetch_positions(const Instruction& in) {
  const uint32_t bytes = in.heads / in.kv_group * in.head * sizeof(C);
  for (int b = 0; b < in.rows; b++) {
    const int length = __ldg(in.lengths + b) - 1;
    const int* table = in.table + static_cast<int64_t>(b) * in.table_row;
    for (int p = threadIdx.x % 32 * gridDim.x + blockIdx.x; p < length; p += 32 * gridDim.x) {
      const int slot = in.block_size == 1 ? __ldg(table + p) : __ldg(table + p / in.block_size) * in.block_size + p % in.block_size;
      const int64_t at = static_cast<int64_t>(slot) * in.cache_row;
      prefetch(static_cast<const C*>(in.keys) + at, bytes);
      prefetch(static_cast<const C*>(in.values) + at, bytes);
    }
  }
}

template <class C>
using Quads = Quad<C>[kRounds<C>][kQuads];

// Where a lane's quads lie in a head: it reads 16 bytes at a time. Those beyond the end of a head of less than 64 count for nothing: the query has zeros there.
template <class C>
__device__ __forceinline__ int place_of(int i) {
  return sizeof(C) == 4 ? threadIdx.x % 4 * 4 + 16 * i : threadIdx.x % 4 * 8 + 32 * (i / 2) + 4 * (i % 2);
}

template <class C>
__device__ __forceinline__ void read_head(const C* from, int d, Quad<C> (&to)[kQuads]) {
  constexpr int kEach = 4 / sizeof(C);  // quads of 16 bytes
#pragma unroll
  for (int i = 0; i < kQuads; i += kEach) {
    const int place = place_of<C>(i);
    const uint4 v = __ldcg(reinterpret_cast<const uint4*>(from + (place < d ? place : 0)));
    if constexpr (kEach == 1) {
      to[i] = make_float4(__uint_as_float(v.x), __uint_as_float(v.y), __uint_as_float(v.z), __uint_as_float(v.w));
    } else {
      to[i] = make_uint2(v.x, v.y), to[i + 1] = make_uint2(v.z, v.w);
    }
  }
}

template <class C>
__device__ __forceinline__ int64_t offset_of(const Instruction& in, const Piece<C>& piece, int round) {
  return static_cast<int64_t>(max(piece.row[round], 0)) * in.cache_row + (in.kv_group == 1 ? piece.h : piece.h / in.kv_group) * in.head;
}

template <class C>
__device__ __forceinline__ bool newest(const Piece<C>& piece, int round) { return piece.row[round] >= 0 && piece.position(round) == piece.length - 1; }

// All positions, without a condition that would make each load wait for the one before: what is not there, or not yet, is dropped later.
template <class C>
__device__ __forceinline__ void read_positions(const Instruction& in, const Piece<C>& piece, Quads<C>& keys, Quads<C>& values) {
#pragma unroll
  for (int r = 0; r < kRounds<C>; r++) {
    const int64_t at = offset_of(in, piece, r);
    read_head<C>(static_cast<const C*>(in.keys) + at, in.head, keys[r]);
    read_head<C>(static_cast<const C*>(in.values) + at, in.head, values[r]);
  }
}

template <class C>
struct AttendAhead {
  const int* table = nullptr;  // in which the rest was found: all layers have the same
  int pieces;
  Piece<C> piece;              // the block's first
};

template <class C>
__device__ __forceinline__ void look_ahead(const Instruction& in, AttendAhead<C>& ahead) {
  if (ahead.table != in.table) {
    ahead.table = in.table;
    ahead.pieces = pieces<C>(in);
    ahead.piece = piece_at<C>(in, min(static_cast<int>(blockIdx.x), ahead.pieces - 1));
  }
}

// The query, the newest key and the newest value, which the product in front of this phase made: a quad of the three for each of the block's first threads.
struct Newest {
  const float* from;  // null where the thread has none
  float4 v;

  // row: of the sequence.
  template <class C>
  __device__ __forceinline__ void fetch(const Instruction& in, const Piece<C>& piece, const float* row) {
    const int quads = in.head / 4;
    const int quad = threadIdx.x;
    const int which = (quad >= quads) + (quad >= 2 * quads);
    const int head = which == 0 || in.kv_group == 1 ? piece.h : piece.h / in.kv_group;
    from = quad < 3 * quads ? row + which * in.split + head * in.head + 4 * (quad - which * quads) : nullptr;
    if (from) {
      look_at(from, v);
    }
  }

  // to: [3][d].
  __device__ __forceinline__ void share(float* to) const {
    if (from) {
      reinterpret_cast<float4*>(to)[threadIdx.x] = awaited(v, from);
    }
    meet();
  }
};

// The position that was not there before in its place among the others, as the cache will have it.
template <class C>
__device__ __forceinline__ void place_newest(const Instruction& in, const Piece<C>& piece, const float* shared, Quads<C>& keys, Quads<C>& values) {
#pragma unroll
  for (int r = 0; r < kRounds<C>; r++) {
    if (newest(piece, r)) {
#pragma unroll
      for (int i = 0; i < kQuads; i++) {
        const float* from = shared + in.head + min(place_of<C>(i), in.head - 4);
        keys[r][i] = narrowed<C>(*reinterpret_cast<const float4*>(from));
        values[r][i] = narrowed<C>(*reinterpret_cast<const float4*>(from + in.head));
      }
    }
  }
}

__device__ __forceinline__ float dot4(float4 a, float4 b, float sum) { return fmaf(a.x, b.x, fmaf(a.y, b.y, fmaf(a.z, b.z, fmaf(a.w, b.w, sum)))); }

__device__ __forceinline__ void add4(float4& sum, float weight, float4 v) {
  sum.x = fmaf(weight, v.x, sum.x), sum.y = fmaf(weight, v.y, sum.y), sum.z = fmaf(weight, v.z, sum.z), sum.w = fmaf(weight, v.w, sum.w);
}

// Over the warp's eight groups of four lanes.
__device__ __forceinline__ void over_positions(float& sum, float4 (&y)[kQuads]) {
#pragma unroll
  for (int o = 4; o < 32; o *= 2) {
    sum += __shfl_xor_sync(~0u, sum, o);
#pragma unroll
    for (int i = 0; i < kQuads; i++) {
      y[i].x += __shfl_xor_sync(~0u, y[i].x, o), y[i].y += __shfl_xor_sync(~0u, y[i].y, o);
      y[i].z += __shfl_xor_sync(~0u, y[i].z, o), y[i].w += __shfl_xor_sync(~0u, y[i].w, o);
    }
  }
}

// space: [kWarps][d + 4], and [3][d]; a warp without positions has the maximum -infinity and the weight 0.
template <class C>
__device__ __forceinline__ void offer_piece(const Instruction& in, const Piece<C>& piece, float* out, const float* space) {
  const int d = in.head;
  if (static_cast<int>(threadIdx.x) >= d + 2) {
    return;
  }
  float top = -INFINITY;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    top = fmaxf(top, space[w * (d + 4)]);
  }
  // The first two threads offer the maximum and the sum, the others a value each.
  const int column = threadIdx.x < 2 ? 1 : threadIdx.x + 2;
  float sum = 0;
#pragma unroll
  for (int w = 0; w < kWarps; w++) {
    sum = fmaf(expf(space[w * (d + 4)] - top), space[w * (d + 4) + column], sum);
  }
  float* to = out + ((piece.b * in.heads + piece.h) * in.splits + piece.s) * (d + 4);
  offer(to + (threadIdx.x < 2 ? threadIdx.x : threadIdx.x + 2), threadIdx.x == 0 ? top : sum);
}

template <class C>
__device__ __forceinline__ void attend(const Instruction& in, const Piece<C>& piece, float* exchange, float* space) {
  const int d = in.head;
  float* shared = space + kWarps * (d + 4);
  Newest newest;
  newest.fetch<C>(in, piece, exchange + in.in + piece.b * in.x_row);
  Quads<C> keys, values;
  read_positions<C>(in, piece, keys, values);
  newest.share(shared);
  place_newest<C>(in, piece, shared, keys, values);
  float4 q[kQuads];
#pragma unroll
  for (int i = 0; i < kQuads; i++) {
    const int place = place_of<C>(i);
    q[i] = place < d ? *reinterpret_cast<const float4*>(shared + place) : make_float4(0, 0, 0, 0);
  }
  float score[kRounds<C>];
  float most = -INFINITY;
#pragma unroll
  for (int r = 0; r < kRounds<C>; r++) {
    float dot = 0;
#pragma unroll
    for (int i = 0; i < kQuads; i++) {
      dot = dot4(q[i], widened(keys[r][i]), dot);
    }
    dot += __shfl_xor_sync(~0u, dot, 1);
    dot += __shfl_xor_sync(~0u, dot, 2);
    score[r] = piece.row[r] >= 0 ? dot * in.softmax_scale : -INFINITY;
    most = fmaxf(most, score[r]);
  }
#pragma unroll
  for (int o = 4; o < 32; o *= 2) {
    most = fmaxf(most, __shfl_xor_sync(~0u, most, o));
  }
  float sum = 0;
  float4 y[kQuads] = {};
#pragma unroll
  for (int r = 0; r < kRounds<C>; r++) {
    if (piece.row[r] >= 0) {
      const float weight = expf(score[r] - most);
      sum += weight;
#pragma unroll
      for (int i = 0; i < kQuads; i++) {
        add4(y[i], weight, widened(values[r][i]));
      }
    }
  }
  const int lane = threadIdx.x % 32;
  float* own = space + threadIdx.x / 32 * (d + 4);
  over_positions(sum, y);
  if (lane == 0) {
    own[0] = most, own[1] = sum;
  }
#pragma unroll
  for (int i = 0; i < kQuads; i++) {
    const int place = place_of<C>(i);
    if (place < d && lane < 4) {
      *reinterpret_cast<float4*>(own + 4 + place) = y[i];
    }
  }
  meet();
  offer_piece(in, piece, exchange + in.out, space);
}

template <class C>
__device__ __forceinline__ void attention(const Instruction& in, const AttendAhead<C>& ahead, float* exchange, float* space) {
  for (int item = blockIdx.x; item < ahead.pieces; item += gridDim.x) {
    Piece<C> piece = ahead.piece;
    if (item >= static_cast<int>(gridDim.x)) {
      piece = piece_at<C>(in, item);
      meet();  // the space is in use
    }
    if (piece.begin < piece.length) {  // all threads of the block alike
      attend<C>(in, piece, exchange, space);
    }
  }
}

#endif

}  // namespace
