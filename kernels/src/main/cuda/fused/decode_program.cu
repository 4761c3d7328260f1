// A decode step in one launch: a resident grid walks a list of instructions (gather, product, attention), with a barrier of the grid after each.
//
// Why: at batch 1 the step only streams weights. As separate kernels every stream ramps up anew (1.4 us each, 4 a layer: 58 % over the one unbroken stream).
// Here one warp of each block does nothing but fetch: it walks the products ahead of everybody else and keeps the ring of stages full, also while the other warps wait
// at the barrier, normalise or attend. Weights do not depend on activations, so it never waits for anything but free stages.
//
// Ladder (H100, 24 layers of 1280, fp16 weights, context 340), us a step of 1 and 3 rows                        predicted   got
//   separate kernels in a graph, 221 launches                                                                    900         1032, 1400
//   this, plain: every phase loads its own constants, rows one after the other                                   400         1093, 1527
//   constants, tables and the next instruction before the barrier; two rows and all of a piece's keys in flight  450         787, 1079
//   numbers with tags in 64-bit words that readers wait for, instead of barriers (dropped: the waiting slows the stream) 480         914, 1320
//
// Sums are in a fixed order that depends on k and the type alone: a sequence gives the same bytes in any batch, on any number of blocks.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

#include "common/activation.cuh"

namespace {

constexpr int kWarps = 8;  // that compute
constexpr int kConsumers = kWarps * 32;
constexpr int kThreads = kConsumers + 32;  // and one that fetches

enum Op { kGather = 0, kProduct = 1, kAttend = 2, kNorm = 3 };
enum Prologue { kPlain = 0, kLayerNorm = 1, kCombine = 2 };

// Written by DecodeProgram.java: keep in step. Strides are in elements.
struct Instruction {
  // gather: table [., d] of float, ids [rows], table2 and ids2 likewise or null; norm and product: x [rows, k]
  const float* x;
  const void* w;       // [n][k]; gather: table2
  const float* bias;   // [n] or null; norm: its shift
  const float* scale;  // [n], of bytes, or null; norm: its gain
  const float* residual;
  float* y;
  const float* gain;   // of the norm in front of a product
  const float* shift;
  const int* slots;    // product: rows of the caches; gather: ids
  float* keys;         // product: columns from `split` on go here too
  float* values;       // and columns from 2 * split on here
  const int* table;    // attend: blocks of each sequence; gather: ids2
  const int* lengths;
  float* partial;      // attend: [rows][heads][splits][d + 4]
  int op, prologue, rows, n, k, x_row, y_row, activation;
  int split, cache_row, table_row, block_size, heads, kv_heads, splits, positions;
  float alpha, eps, softmax_scale, pad2;
};
static_assert(sizeof(Instruction) == 14 * 8 + 16 * 4 + 4 * 4, "as DecodeProgram.java lays it out");

#if __CUDA_ARCH__ >= 900

constexpr int kStageBytes = 20480;
constexpr int kSlice = 640;   // inputs that a warp keeps in registers
constexpr int kRounds = 2;    // times eight positions that a warp attends to
constexpr int kSplit = kWarps * kRounds * 8;  // positions that a block attends to at a time
constexpr int kFew = 5;        // loads that a thread keeps in flight
constexpr int kNormQuota = 8;  // inputs of a norm that a thread holds
constexpr int kMaxStages = 16;
constexpr int kSpace = 3 * kWarps * 3;

__device__ __forceinline__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

__device__ __forceinline__ void barrier_init(uint64_t* bar, int count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(bar)), "r"(count));
}

__device__ __forceinline__ void barrier_expect(uint64_t* bar, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(bar)), "r"(bytes) : "memory");
}

__device__ __forceinline__ void barrier_arrive(uint64_t* bar) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(bar)) : "memory");
}

__device__ __forceinline__ void barrier_wait(uint64_t* bar, uint32_t parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@done bra out;\n"
      "bra again;\n"
      "out:\n"
      "}\n" ::"r"(shared_address(bar)),
      "r"(parity)
      : "memory");
}

// Weights are read once a step and are many times the L2 cache: first to be evicted, so that caches and activations stay.
__device__ __forceinline__ void fetch(void* to, const void* from, uint32_t bytes, uint64_t* bar, uint64_t policy) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::"r"(shared_address(to)), "l"(from),
               "r"(bytes), "r"(shared_address(bar)), "l"(policy)
               : "memory");
}

__device__ __forceinline__ uint64_t evict_first() {
  uint64_t policy;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

// The consuming warps only.
__device__ __forceinline__ void meet() { asm volatile("bar.sync 1, %0;" ::"n"(kConsumers) : "memory"); }

// The barrier of the grid, in two halves: what does not depend on other blocks is fetched between them.
__device__ __forceinline__ void arrive_all(unsigned* counter) {
  meet();
  if (threadIdx.x == 0) {
    asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(counter) : "memory");
  }
}

// `turn` counts the barriers of this launch.
__device__ __forceinline__ void await_all(const unsigned* counter, unsigned turn) {
  if (threadIdx.x == 0) {
    const unsigned target = turn * gridDim.x;
    unsigned seen;
    do {
      asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(seen) : "l"(counter) : "memory");
    } while (seen < target);
  }
  meet();
}

// This block's rows of n.
__device__ __forceinline__ void share(int n, int& from, int& to) {
  const int each = (n + gridDim.x - 1) / gridDim.x;
  from = min(n, static_cast<int>(blockIdx.x) * each);
  to = min(n, from + each);
}

template <class W>
struct Vec {
  static constexpr int kElements = 16 / sizeof(W);
  static constexpr int kPerLane = (kSlice / kElements + 31) / 32;
};

__device__ __forceinline__ void widen(uint4 v, float* f, const float*) {
  f[0] = __uint_as_float(v.x), f[1] = __uint_as_float(v.y), f[2] = __uint_as_float(v.z), f[3] = __uint_as_float(v.w);
}

__device__ __forceinline__ void widen(uint4 v, float* f, const __half*) {
  const uint32_t parts[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    const float2 two = __half22float2(*reinterpret_cast<const __half2*>(&parts[i]));
    f[2 * i] = two.x, f[2 * i + 1] = two.y;
  }
}

__device__ __forceinline__ void widen(uint4 v, float* f, const __nv_bfloat16*) {
  const uint32_t parts[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
    f[2 * i] = __uint_as_float(parts[i] << 16), f[2 * i + 1] = __uint_as_float(parts[i] & 0xffff0000u);
  }
}

__device__ __forceinline__ void widen(uint4 v, float* f, const int8_t*) {
  const uint32_t parts[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
  for (int i = 0; i < 4; i++) {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      // A byte as the low mantissa bits of 2^23 + 128: one permutation and one subtraction instead of a slow conversion.
      const uint32_t bits = __byte_perm(parts[i] ^ 0x80808080u, 0x4b000000u, 0x7440 | j);
      f[4 * i + j] = __uint_as_float(bits) - 8388736.0f;
    }
  }
}

struct Ring {
  uint64_t* full;
  uint64_t* empty;
  char* stages;
  int count;
  int at;
  uint32_t phase;

  __device__ void advance() {
    if (++at == count) {
      at = 0;
      phase ^= 1;
    }
  }
};

template <class W>
__device__ __forceinline__ int rows_per_stage(int k) {
  return max(1, kStageBytes / static_cast<int>(k * sizeof(W)));
}

// The fetching warp: every product's weights, in the order in which they are needed.
template <class W>
__device__ void produce(const Instruction* program, int count, Ring ring) {
  const uint64_t policy = evict_first();
  for (int i = 0; i < count; i++) {
    if (program[i].op != kProduct) {
      continue;
    }
    const int k = program[i].k;
    const char* w = static_cast<const char*>(program[i].w);
    const int step = rows_per_stage<W>(k);
    int from, to;
    share(program[i].n, from, to);
    for (int row = from; row < to; row += step) {
      const uint32_t bytes = static_cast<uint32_t>(min(step, to - row)) * k * sizeof(W);
      barrier_wait(&ring.empty[ring.at], ring.phase ^ 1);
      barrier_expect(&ring.full[ring.at], bytes);
      fetch(ring.stages + ring.at * kStageBytes, w + static_cast<int64_t>(row) * k * sizeof(W), bytes, &ring.full[ring.at], policy);
      ring.advance();
    }
  }
}

__device__ __forceinline__ float warp_sum(float v) {
#pragma unroll
  for (int lane = 16; lane > 0; lane /= 2) {
    v += __shfl_xor_sync(~0u, v, lane);
  }
  return v;
}

// What a phase needs and no phase writes: fetched while other blocks are still busy with the phase before.
struct Ahead {
  float gain[kNormQuota], shift[kNormQuota];  // of inputs threadIdx.x + j * kConsumers
  float bias, scale;                          // of output threadIdx.x of this block
  int at[kRounds];                            // cache rows of the first piece of attention, or -1
  int length;
};

// Which piece of which head of which sequence.
struct Piece {
  int b, h, s;
};

// Pieces outermost: the ones in use come first and spread over all blocks.
__device__ __forceinline__ Piece piece(const Instruction& in, int item) {
  const int pairs = in.rows * in.heads;
  const int pair = item % pairs;
  return {pair / in.heads, pair % in.heads, item / pairs};
}

// Cache rows of the positions that this lane's group of four reads.
__device__ __forceinline__ void locate(const Instruction& in, const Piece& piece, int (&at)[kRounds], int& length) {
  length = __ldg(in.lengths + piece.b);
  const int* table = in.table + static_cast<int64_t>(piece.b) * in.table_row;
  const int first = piece.s * kSplit + threadIdx.x / 32 * kRounds * 8 + threadIdx.x % 32 / 4;
  int block[kRounds];
#pragma unroll
  for (int r = 0; r < kRounds; r++) {
    const int p = min(first + r * 8, in.positions - 1);  // before the length is known: entries beyond it are read and dropped
    block[r] = in.block_size == 1 ? __ldg(table + p) : __ldg(table + p / in.block_size) * in.block_size + p % in.block_size;
  }
#pragma unroll
  for (int r = 0; r < kRounds; r++) {
    at[r] = first + r * 8 < length ? block[r] : -1;
  }
}

__device__ void look_ahead(const Instruction& in, Ahead& ahead) {
  if (in.op == kAttend) {
    ahead.length = 0;
    if (static_cast<int>(blockIdx.x) < in.rows * in.heads * in.splits) {
      locate(in, piece(in, blockIdx.x), ahead.at, ahead.length);
    }
    return;
  }
  if (in.op == kNorm || (in.op == kProduct && in.prologue == kLayerNorm)) {
#pragma unroll
    for (int j = 0; j < kNormQuota; j++) {
      const int i = threadIdx.x + j * kConsumers;
      ahead.gain[j] = in.gain && i < in.k ? __ldg(in.gain + i) : 1.0f;
      ahead.shift[j] = in.shift && i < in.k ? __ldg(in.shift + i) : 0.0f;
    }
  }
  if (in.op == kProduct) {
    int from, to;
    share(in.n, from, to);
    const int row = from + threadIdx.x / in.rows;
    ahead.bias = in.bias && row < to ? __ldg(in.bias + row) : 0.0f;
    ahead.scale = in.scale && row < to ? __ldg(in.scale + row) : 1.0f;
  }
}

// Mean and variance of B rows whose elements threadIdx.x + j * kConsumers are v[.][j]: by warps, then put together (Chan et al. 1979).
template <int B>
__device__ __forceinline__ void moments(const float (&v)[B][kNormQuota], int k, float* space, float (&mean)[B], float (&variance)[B]) {
  const int warp = threadIdx.x / 32;
#pragma unroll
  for (int b = 0; b < B; b++) {
    float sum = 0;
    int count = 0;
#pragma unroll
    for (int j = 0; j < kNormQuota; j++) {
      sum += v[b][j];  // 0 beyond k
      count += max(0, min(32, k - warp * 32 - j * kConsumers));
    }
    const float mine = warp_sum(sum) / max(count, 1);
    float square = 0;
#pragma unroll
    for (int j = 0; j < kNormQuota; j++) {
      const float d = static_cast<int>(threadIdx.x) + j * kConsumers < k ? v[b][j] - mine : 0.0f;
      square = fmaf(d, d, square);
    }
    square = warp_sum(square);
    if (threadIdx.x % 32 == 0) {
      space[(b * kWarps + warp) * 3] = mine;
      space[(b * kWarps + warp) * 3 + 1] = square;
      space[(b * kWarps + warp) * 3 + 2] = static_cast<float>(count);
    }
  }
  meet();
#pragma unroll
  for (int b = 0; b < B; b++) {
    float sum = 0, square = 0;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      sum = fmaf(space[(b * kWarps + w) * 3], space[(b * kWarps + w) * 3 + 2], sum);
    }
    mean[b] = sum / k;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      const float d = space[(b * kWarps + w) * 3] - mean[b];
      square += space[(b * kWarps + w) * 3 + 1] + space[(b * kWarps + w) * 3 + 2] * d * d;
    }
    variance[b] = square / k;
  }
}

// f(row, place, value): B rows, normalised.
template <int B, class F>
__device__ __forceinline__ void layer_norm(const Instruction& in, int first, const Ahead& ahead, float* space, F f) {
  float v[B][kNormQuota];
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < kNormQuota; j++) {
      const int i = threadIdx.x + j * kConsumers;
      v[b][j] = i < in.k ? __ldcg(in.x + static_cast<int64_t>(first + b) * in.x_row + i) : 0.0f;
    }
  }
  float mean[B], variance[B];
  moments<B>(v, in.k, space, mean, variance);
#pragma unroll
  for (int b = 0; b < B; b++) {
    const float factor = 1.0f / sqrtf(variance[b] + in.eps);
#pragma unroll
    for (int j = 0; j < kNormQuota; j++) {
      const int i = threadIdx.x + j * kConsumers;
      if (i < in.k) {
        f(b, i, (v[b][j] - mean[b]) * factor * ahead.gain[j] + ahead.shift[j]);
      }
    }
  }
}

// weights[rows][heads][splits] of an attention's pieces, 0 beyond those in use.
__device__ void piece_weights(const Instruction& in, float* weights) {
  const int width = in.k / in.heads + 4;
  const int items = in.rows * in.heads * in.splits;
#pragma unroll 4
  for (int item = threadIdx.x; item < items; item += kConsumers) {
    const int pair = item / in.splits;
    const int used = (__ldg(in.lengths + pair / in.heads) + kSplit - 1) / kSplit;
    const int s = item - pair * in.splits;
    const float2* mine = reinterpret_cast<const float2*>(in.partial + static_cast<int64_t>(pair) * in.splits * width);
    const float2 own = s < used ? __ldcg(mine + s * (width / 2)) : make_float2(-INFINITY, 0);
    float most = own.x, sum = 0;
    float2 all[kFew];
#pragma unroll
    for (int o = 0; o < kFew; o++) {
      all[o] = o < used ? __ldcg(mine + o * (width / 2)) : make_float2(-INFINITY, 0);
    }
#pragma unroll
    for (int o = 0; o < kFew; o++) {
      most = fmaxf(most, all[o].x);
    }
    for (int o = kFew; o < used; o++) {
      most = fmaxf(most, __ldcg(mine + o * (width / 2)).x);
    }
#pragma unroll
    for (int o = 0; o < kFew; o++) {
      sum = fmaf(expf(all[o].x - most), all[o].y, sum);
    }
    for (int o = kFew; o < used; o++) {
      const float2 other = __ldcg(mine + o * (width / 2));
      sum = fmaf(expf(other.x - most), other.y, sum);
    }
    weights[item] = s < used ? expf(own.x - most) / sum : 0.0f;
  }
  meet();
}

// xs[rows][k] from the partial results of an attention (flash-decoding, Dao et al. 2023).
__device__ void combine(const Instruction& in, float* xs, float* weights) {
  const int d = in.k / in.heads;
  const int quads = in.k / 4;
  piece_weights(in, weights);
#pragma unroll 2
  for (int q = threadIdx.x; q < in.rows * quads; q += kConsumers) {
    const int b = q / quads;
    const int c = 4 * (q - b * quads);
    const int pair = b * in.heads + c / d;
    const int used = (__ldg(in.lengths + b) + kSplit - 1) / kSplit;
    const float* mine = in.partial + static_cast<int64_t>(pair) * in.splits * (d + 4) + 4 + c % d;
    float4 sum = make_float4(0, 0, 0, 0);
    for (int s = 0; s < used; s += kFew) {
      float4 v[kFew];
#pragma unroll
      for (int o = 0; o < kFew; o++) {
        v[o] = __ldcg(reinterpret_cast<const float4*>(mine + min(s + o, used - 1) * (d + 4)));
      }
#pragma unroll
      for (int o = 0; o < kFew; o++) {
        const float weight = s + o < used ? weights[pair * in.splits + s + o] : 0.0f;
        sum.x = fmaf(weight, v[o].x, sum.x), sum.y = fmaf(weight, v[o].y, sum.y);
        sum.z = fmaf(weight, v[o].z, sum.z), sum.w = fmaf(weight, v[o].w, sum.w);
      }
    }
    reinterpret_cast<float4*>(xs)[q] = sum;
  }
  meet();
}

// xs[rows][k] of a product.
template <int B>
__device__ void load_inputs(const Instruction& in, const Ahead& ahead, float* xs, float* weights, float* space) {
  if (in.prologue == kCombine) {
    combine(in, xs, weights);
    return;
  }
  if (in.prologue == kLayerNorm) {
    layer_norm<B>(in, 0, ahead, space, [&](int b, int i, float v) { xs[b * in.k + i] = v; });
  } else {
    const int quads = in.k / 4;
    for (int q = threadIdx.x; q < quads; q += kFew * kConsumers) {
#pragma unroll
      for (int b = 0; b < B; b++) {
        const float4* x = reinterpret_cast<const float4*>(in.x + static_cast<int64_t>(b) * in.x_row);
        float4 v[kFew];
#pragma unroll
        for (int j = 0; j < kFew; j++) {
          v[j] = __ldcg(x + min(q + j * kConsumers, quads - 1));
        }
#pragma unroll
        for (int j = 0; j < kFew; j++) {
          if (q + j * kConsumers < quads) {
            reinterpret_cast<float4*>(xs + b * in.k)[q + j * kConsumers] = v[j];
          }
        }
      }
    }
  }
  meet();
}

// Those that decoders use; DecodeProgram.java declines the others.
__device__ float activate_any(int kind, float v) {
  switch (kind) {
    case RELU: return activate<RELU>(v);
    case SILU: return activate<SILU>(v);
    case GELU_TANH: return activate<GELU_TANH>(v);
    case GELU_ERF: return activate<GELU_ERF>(v);
    default: return v;
  }
}

__device__ __forceinline__ void finish(const Instruction& in, int row, int b, float sum, float bias, float scale, float residual) {
  const float v = fmaf(in.alpha, activate_any(in.activation, sum * scale + bias), residual);
  __stcg(in.y + static_cast<int64_t>(b) * in.y_row + row, v);
  if (in.slots && row >= in.split) {
    const int64_t slot = static_cast<int64_t>(__ldg(in.slots + b)) * in.cache_row;
    float* cache = row < 2 * in.split ? in.keys - in.split : in.values - 2 * in.split;
    __stcg(cache + slot + row, v);
  }
}

__device__ __forceinline__ float residual_of(const Instruction& in, int row, int b) {
  return in.residual ? __ldcg(in.residual + static_cast<int64_t>(b) * in.y_row + row) : 0.0f;
}

// Rows of weights, already in shared memory, with B rows of inputs in registers. Two sums of each row, so that multiply-adds need not wait for each other.
template <class W, int B, int R>
__device__ __forceinline__ void multiply(const uint4* const (&row)[R], int mine, const float (&x)[B][Vec<W>::kPerLane * Vec<W>::kElements], float (&sum)[R][B]) {
  constexpr int E = Vec<W>::kElements;
  float half[2][R][B] = {};
#pragma unroll
  for (int j = 0; j < Vec<W>::kPerLane; j++) {
    const int v = threadIdx.x % 32 + 32 * j;
#pragma unroll
    for (int r = 0; r < R; r++) {
      float w[E];
      widen(row[r][min(v, mine - 1)], w, static_cast<const W*>(nullptr));  // beyond the slice x is 0
#pragma unroll
      for (int b = 0; b < B; b++) {
#pragma unroll
        for (int e = 0; e < E; e++) {
          half[e % 2][r][b] = fmaf(x[b][j * E + e], w[e], half[e % 2][r][b]);
        }
      }
    }
  }
#pragma unroll
  for (int r = 0; r < R; r++) {
#pragma unroll
    for (int b = 0; b < B; b++) {
      sum[r][b] = half[0][r][b] + half[1][r][b];
    }
  }
#pragma unroll
  for (int o = 16; o > 0; o /= 2) {
#pragma unroll
    for (int r = 0; r < R; r++) {
#pragma unroll
      for (int b = 0; b < B; b++) {
        sum[r][b] += __shfl_xor_sync(~0u, sum[r][b], o);
      }
    }
  }
}

// y[b][row] for this block's rows. A warp takes every row of its group over its slice of k; the slices of a row are added in order at the end.
template <class W, int B>
__device__ void product(const Instruction& in, const Ahead& ahead, Ring& ring, const float* xs, float* sums) {
  constexpr int E = Vec<W>::kElements;
  constexpr int P = Vec<W>::kPerLane;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  int from, to;
  share(in.n, from, to);
  const bool own = static_cast<int>(threadIdx.x) < (to - from) * B;
  const float residual = own ? residual_of(in, from + threadIdx.x / B, threadIdx.x % B) : 0.0f;
  int slices = 1;
  while (slices * kSlice < in.k) {
    slices *= 2;
  }
  const int vectors = in.k / E;
  const int each = (vectors + slices - 1) / slices;
  const int slice = warp % slices;
  const int first = slice * each;
  const int mine = max(0, min(each, vectors - first));
  float x[B][P * E];
#pragma unroll
  for (int b = 0; b < B; b++) {
#pragma unroll
    for (int j = 0; j < P; j++) {
      const int v = lane + 32 * j;
#pragma unroll
      for (int e = 0; e < E; e += 4) {
        const float4 quad = v < mine ? reinterpret_cast<const float4*>(xs + b * in.k + (first + v) * E)[e / 4] : make_float4(0, 0, 0, 0);
        x[b][j * E + e] = quad.x, x[b][j * E + e + 1] = quad.y, x[b][j * E + e + 2] = quad.z, x[b][j * E + e + 3] = quad.w;
      }
    }
  }
  const int step = rows_per_stage<W>(in.k);
  const int stride = kWarps / slices;
  constexpr int kRows = sizeof(W) > 1 || B < 3 ? 2 : 1;  // at a time: their latencies overlap, but three inputs of wide bytes fill the registers
  for (int row = from; row < to; row += step) {
    const int here = min(step, to - row);
    barrier_wait(&ring.full[ring.at], ring.phase);
    const uint4* stage = reinterpret_cast<const uint4*>(ring.stages + ring.at * kStageBytes) + first;
    for (int r = warp / slices; r < here; r += kRows * stride) {
      const uint4* rows[kRows];
#pragma unroll
      for (int i = 0; i < kRows; i++) {
        rows[i] = stage + min(r + i * stride, here - 1) * vectors;
      }
      float sum[kRows][B];
      multiply<W, B, kRows>(rows, mine, x, sum);
#pragma unroll
      for (int i = 0; i < kRows; i++) {
        if (lane == i && r + i * stride < here) {
#pragma unroll
          for (int b = 0; b < B; b++) {
            sums[((row - from + r + i * stride) * slices + slice) * B + b] = sum[i][b];
          }
        }
      }
    }
    __syncwarp();
    if (lane == 0) {
      barrier_arrive(&ring.empty[ring.at]);
    }
    ring.advance();
  }
  meet();
  for (int i = threadIdx.x; i < (to - from) * B; i += kConsumers) {
    const int b = i % B;
    const int row = from + i / B;
    float sum = 0;
    for (int s = 0; s < slices; s++) {
      sum += sums[(i / B * slices + s) * B + b];
    }
    if (i == static_cast<int>(threadIdx.x)) {
      finish(in, row, b, sum, ahead.bias, ahead.scale, residual);
    } else {
      finish(in, row, b, sum, in.bias ? __ldg(in.bias + row) : 0.0f, in.scale ? __ldg(in.scale + row) : 1.0f, residual_of(in, row, b));
    }
  }
}

// A block: one piece of one head of one sequence. Four lanes share a position, a warp has eight positions at a time.
template <int Q>  // quads of floats of a lane: head size / 16
__device__ void attend(const Instruction& in, const Piece& piece, const int (&at)[kRounds], float* space) {
  constexpr int d = 16 * Q;
  const int warp = threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  const int part = lane % 4;
  const int column = piece.h / (in.heads / in.kv_heads) * d;
  float4 q[Q], key[kRounds][Q], value[kRounds][Q];
#pragma unroll
  for (int i = 0; i < Q; i++) {
    q[i] = __ldcg(reinterpret_cast<const float4*>(in.x + static_cast<int64_t>(piece.b) * in.x_row + piece.h * d) + part + 4 * i);
  }
#pragma unroll
  for (int r = 0; r < kRounds; r++) {
    const int64_t row = static_cast<int64_t>(max(at[r], 0)) * in.cache_row + column;
#pragma unroll
    for (int i = 0; i < Q; i++) {
      key[r][i] = at[r] < 0 ? make_float4(0, 0, 0, 0) : __ldcg(reinterpret_cast<const float4*>(in.keys + row) + part + 4 * i);
      value[r][i] = at[r] < 0 ? make_float4(0, 0, 0, 0) : __ldcg(reinterpret_cast<const float4*>(in.values + row) + part + 4 * i);
    }
  }
  float score[kRounds];
  float most = -INFINITY;
#pragma unroll
  for (int r = 0; r < kRounds; r++) {
    float dot = 0;
#pragma unroll
    for (int i = 0; i < Q; i++) {
      const float4 v = key[r][i];
      dot = fmaf(q[i].x, v.x, fmaf(q[i].y, v.y, fmaf(q[i].z, v.z, fmaf(q[i].w, v.w, dot))));
    }
    dot += __shfl_xor_sync(~0u, dot, 1);
    dot += __shfl_xor_sync(~0u, dot, 2);
    score[r] = at[r] >= 0 ? dot * in.softmax_scale : -INFINITY;
    most = fmaxf(most, score[r]);
  }
#pragma unroll
  for (int o = 4; o < 32; o *= 2) {
    most = fmaxf(most, __shfl_xor_sync(~0u, most, o));
  }
  float sum = 0;
  float y[Q][4] = {};
#pragma unroll
  for (int r = 0; r < kRounds; r++) {
    const float weight = at[r] >= 0 ? expf(score[r] - most) : 0.0f;
    sum += weight;
#pragma unroll
    for (int i = 0; i < Q; i++) {
      const float4 v = value[r][i];
      y[i][0] = fmaf(weight, v.x, y[i][0]), y[i][1] = fmaf(weight, v.y, y[i][1]);
      y[i][2] = fmaf(weight, v.z, y[i][2]), y[i][3] = fmaf(weight, v.w, y[i][3]);
    }
  }
#pragma unroll
  for (int o = 4; o < 32; o *= 2) {
    sum += __shfl_xor_sync(~0u, sum, o);
#pragma unroll
    for (int i = 0; i < Q; i++) {
#pragma unroll
      for (int c = 0; c < 4; c++) {
        y[i][c] += __shfl_xor_sync(~0u, y[i][c], o);
      }
    }
  }
  // The warps' results beside each other: [kWarps][d + 4], a warp without positions has the maximum -infinity and the weight 0.
  float* mine = space + warp * (d + 4);
  if (lane == 0) {
    mine[0] = most, mine[1] = sum;
  }
  if (lane < 4) {
#pragma unroll
    for (int i = 0; i < Q; i++) {
      reinterpret_cast<float4*>(mine + 4)[part + 4 * i] = make_float4(y[i][0], y[i][1], y[i][2], y[i][3]);
    }
  }
  meet();
  if (threadIdx.x < d) {
    float top = -INFINITY;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      top = fmaxf(top, space[w * (d + 4)]);
    }
    float total = 0, out = 0;
#pragma unroll
    for (int w = 0; w < kWarps; w++) {
      const float weight = expf(space[w * (d + 4)] - top);  // the first warp always has a position
      total = fmaf(weight, space[w * (d + 4) + 1], total);
      out = fmaf(weight, space[w * (d + 4) + 4 + threadIdx.x], out);
    }
    float* to = in.partial + ((static_cast<int64_t>(piece.b) * in.heads + piece.h) * in.splits + piece.s) * (d + 4);
    if (threadIdx.x == 0) {
      __stcg(reinterpret_cast<float2*>(to), make_float2(top, total));
    }
    __stcg(to + 4 + threadIdx.x, out);
  }
}

__device__ void attention(const Instruction& in, Ahead& ahead, float* space) {
  const int d = in.k / in.heads;
  for (int item = blockIdx.x; item < in.rows * in.heads * in.splits; item += gridDim.x) {
    const Piece mine = piece(in, item);
    if (item >= static_cast<int>(gridDim.x)) {
      locate(in, mine, ahead.at, ahead.length);
      meet();  // the space is in use
    }
    if (mine.s * kSplit >= ahead.length) {
      continue;  // all threads of the block alike
    }
    switch (d / 16) {
      case 1: attend<1>(in, mine, ahead.at, space); break;
      case 2: attend<2>(in, mine, ahead.at, space); break;
      case 4: attend<4>(in, mine, ahead.at, space); break;
      default: __trap();
    }
  }
}

__device__ void gather(const Instruction& in) {
  for (int i = blockIdx.x * kConsumers + threadIdx.x; i < in.rows * in.k; i += gridDim.x * kConsumers) {
    const int b = i / in.k;
    const int c = i - b * in.k;
    float v = __ldg(in.x + static_cast<int64_t>(__ldcg(in.slots + b)) * in.x_row + c);
    if (in.w) {
      v += __ldg(static_cast<const float*>(in.w) + static_cast<int64_t>(__ldcg(in.table + b)) * in.table_row + c);
    }
    __stcg(in.y + static_cast<int64_t>(b) * in.y_row + c, v);
  }
}

__device__ void norm(const Instruction& in, const Ahead& ahead, float* space) {
  for (int b = blockIdx.x; b < in.rows; b += gridDim.x) {
    layer_norm<1>(in, b, ahead, space, [&](int, int i, float v) { __stcg(in.y + static_cast<int64_t>(b) * in.y_row + i, v); });
    meet();
  }
}

template <class W, int B>
__device__ void multiply_all(const Instruction& in, const Ahead& ahead, Ring& ring, float* xs, float* sums, float* weights, float* space) {
  load_inputs<B>(in, ahead, xs, weights, space);
  product<W, B>(in, ahead, ring, xs, sums);
}

__device__ __forceinline__ void copy_instruction(const Instruction* from, Instruction* to) {
  if (threadIdx.x < sizeof(Instruction) / 4) {
    reinterpret_cast<int*>(to)[threadIdx.x] = __ldg(reinterpret_cast<const int*>(from) + threadIdx.x);
  }
}

template <class W>
__device__ void consume(const Instruction* program, int count, unsigned* counter, Ring ring, float* xs, float* sums, float* weights, float* space, Instruction* code) {
  Ahead ahead;
  copy_instruction(program, code);
  meet();
  look_ahead(code[0], ahead);
  for (int i = 0; i < count; i++) {
    const Instruction& in = code[i % 2];
    if (i + 1 < count) {
      copy_instruction(program + i + 1, code + (i + 1) % 2);
    }
    switch (in.op) {
      case kGather: gather(in); break;
      case kNorm: norm(in, ahead, space); break;
      case kAttend: attention(in, ahead, xs); break;
      default:
        switch (in.rows) {
          case 1: multiply_all<W, 1>(in, ahead, ring, xs, sums, weights, space); break;
          case 2: multiply_all<W, 2>(in, ahead, ring, xs, sums, weights, space); break;
          default: multiply_all<W, 3>(in, ahead, ring, xs, sums, weights, space); break;  // more do not fit the registers
        }
    }
    if (i + 1 < count) {
      arrive_all(counter);
      look_ahead(code[(i + 1) % 2], ahead);
      await_all(counter, i + 1);
    }
  }
}

// Shared memory: [stages][barriers][code][space][xs][sums][weights].
template <class W>
__device__ void run(const Instruction* program, int count, unsigned* counter, int stages, int xs_floats, int sum_floats) {
  extern __shared__ __align__(128) char memory[];
  uint64_t* bars = reinterpret_cast<uint64_t*>(memory + stages * kStageBytes);
  Instruction* code = reinterpret_cast<Instruction*>(bars + 2 * kMaxStages);
  float* space = reinterpret_cast<float*>(code + 2);
  float* xs = space + kSpace;
  float* sums = xs + xs_floats;
  float* weights = sums + sum_floats;
  Ring ring{bars, bars + kMaxStages, memory, stages, 0, 0};
  if (threadIdx.x == 0) {
    for (int i = 0; i < stages; i++) {
      barrier_init(&ring.full[i], 1);
      barrier_init(&ring.empty[i], kWarps);
    }
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }
  __syncthreads();
  if (threadIdx.x < kConsumers) {
    consume<W>(program, count, counter, ring, xs, sums, weights, space, code);
  } else if (threadIdx.x == kConsumers) {
    produce<W>(program, count, ring);
  }
}

#else

template <class W>
__device__ void run(const Instruction*, int, unsigned*, int, int, int) {
  __trap();  // needs compute capability 9.0: DecodeProgram.java declines older devices
}

#endif

}  // namespace

#define DECODE_PROGRAM(name, type)                                                                                                                          \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) name(const Instruction* program, int count, unsigned* counter, int stages, int xs_floats,       \
                                                                  int sum_floats) {                                                                        \
    run<type>(program, count, counter, stages, xs_floats, sum_floats);                                                                                     \
  }

// A few words beyond the 168 registers that a block leaves a thread; the time of a step is what counts:
// Local memory of decode_program_f32: on compute 12.0.
// Local memory of decode_program_f16: on compute 12.0.
// Local memory of decode_program_bf16: on compute 12.0.
// Local memory of decode_program_i8: on compute 9.0 and 12.0.
DECODE_PROGRAM(decode_program_f32, float)
DECODE_PROGRAM(decode_program_f16, __half)
DECODE_PROGRAM(decode_program_bf16, __nv_bfloat16)
DECODE_PROGRAM(decode_program_i8, int8_t)

// Before each run: the barrier counts from zero.
extern "C" __global__ void decode_program_reset(unsigned* counter) { *counter = 0; }
