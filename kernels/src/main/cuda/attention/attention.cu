// Attention over whole sequences in exact float32 arithmetic (Dao et al. 2022: tiles of scores that never reach memory, with running maximum and sum).
//
// Ladder (1291 queries and keys, 8 heads of 64, H100; 3.4 GFLOP at 66.9 TFLOP/s of FMA: floor 51 us):
//   naive: a block per query and head, scores in memory       predicted 1.5 ms     got -
//   tiles of 64 x 64 scores, 4 x 4 of them in each thread     predicted 110 us     got -      8 loads of 16 bytes from shared memory per 64 FMA
#include "attention/call.cuh"

namespace {

constexpr int TILE = 64;          // queries of a block, keys of a step, columns of a piece of a head
constexpr int PITCH = TILE + 4;   // floats between rows in shared memory: eight 16-byte reads of consecutive rows hit all banks once
constexpr int THREADS = 256;

// Rows of up to 64 columns of a matrix to shared memory, zeros outside: row r is rows(r), if `there(r)`.
template <class Rows, class There>
__device__ __forceinline__ void fetch(float* tile, int pitch, int columns, bool wide, Rows rows, There there) {
  const int c = threadIdx.x % 16 * 4;
#pragma unroll
  for (int i = 0; i < TILE / 16; i++) {
    const int r = threadIdx.x / 16 + 16 * i;
    const float4 four = load4(there(r) ? rows(r) + c : nullptr, there(r) ? columns - c : 0, wide);
    *reinterpret_cast<float4*>(tile + r * pitch + c) = four;
  }
}

// PIECES runs of 64 value columns. Thread (tx, ty) has the scores of queries ty + 16 i and keys tx + 16 j, and the outputs of those queries' columns
// 64 p + 4 tx and the next three.
template <int PIECES>
struct Flash {
  const AttentionCall& a;
  const int tx, ty, head, query0;
  float *queries, *other, *scores;  // [64][PITCH] for each piece of d; [64][PITCH] keys, then values; [64][PITCH]
  const int query_pieces;
  float most[4], sums[4];
  float4 out[4][PIECES];

  __device__ Flash(const AttentionCall& call, float* memory)
      : a(call),
        tx(threadIdx.x % 16),
        ty(threadIdx.x / 16),
        head(blockIdx.y),
        query0(static_cast<int>(gridDim.x - 1 - blockIdx.x) * TILE),  // causal: the longest first
        queries(memory + 2 * TILE * PITCH),
        other(memory),
        scores(memory + TILE * PITCH),
        query_pieces((call.d + TILE - 1) / TILE) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      most[i] = NOTHING_SEEN;
      sums[i] = 0;
#pragma unroll
      for (int p = 0; p < PIECES; p++) {
        out[i][p] = make_float4(0, 0, 0, 0);
      }
    }
    const bool wide = aligned4(a.query(0, head), a.q_row);
    for (int piece = 0; piece < query_pieces; piece++) {
      fetch(queries + piece * TILE * PITCH, PITCH, a.d - piece * TILE, wide, [&](int r) { return a.query(query0 + r, head) + piece * TILE; },
            [&](int r) { return query0 + r < a.tq; });
    }
  }

  __device__ int query(int i) const { return query0 + ty + 16 * i; }

  __device__ void multiply_keys(float (&s)[4][4], int key0, bool wide) {
    for (int piece = 0; piece < query_pieces; piece++) {
      __syncthreads();
      fetch(other, PITCH, a.d - piece * TILE, wide, [&](int r) { return a.key(key0 + r, head) + piece * TILE; }, [&](int r) { return key0 + r < a.last_key; });
      __syncthreads();
      const float* x = queries + piece * TILE * PITCH + ty * PITCH;
      const float* w = other + tx * PITCH;
#pragma unroll 4
      for (int c = 0; c < TILE; c += 4) {
        float4 b[4];
#pragma unroll
        for (int j = 0; j < 4; j++) {
          b[j] = *reinterpret_cast<const float4*>(w + 16 * j * PITCH + c);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float4 q = *reinterpret_cast<const float4*>(x + 16 * i * PITCH + c);
#pragma unroll
          for (int j = 0; j < 4; j++) {
            s[i][j] = fmaf(q.w, b[j].w, fmaf(q.z, b[j].z, fmaf(q.y, b[j].y, fmaf(q.x, b[j].x, s[i][j]))));
          }
        }
      }
    }
  }

  // Scores to weights, which go to shared memory; what was summed before is scaled to the new maximum. The 16 threads of a query share its maximum and sum.
  __device__ void weigh(float (&s)[4][4], int key0) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int end = query(i) < a.tq ? a.seen(query(i)) : 0;
      float highest = most[i];
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const int key = key0 + tx + 16 * j;
        s[i][j] = key < end ? a.scale * (s[i][j] + a.relative_at(query(i), key, head)) : NOTHING_SEEN;
        highest = fmaxf(highest, s[i][j]);
      }
#pragma unroll
      for (int apart = 1; apart < 16; apart *= 2) {
        highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, apart));
      }
      const float factor = rescale(most[i], highest);
      most[i] = highest;
      float sum = 0;
#pragma unroll
      for (int j = 0; j < 4; j++) {
        const float weight = key0 + tx + 16 * j < end ? expf(s[i][j] - anchor(highest)) : 0.0f;
        sum += weight;
        scores[(ty + 16 * i) * PITCH + tx + 16 * j] = weight;
      }
#pragma unroll
      for (int apart = 1; apart < 16; apart *= 2) {
        sum += __shfl_xor_sync(0xffffffffu, sum, apart);
      }
      sums[i] = sums[i] * factor + sum;
#pragma unroll
      for (int p = 0; p < PIECES; p++) {
        out[i][p] = map4(out[i][p], [&](float o) { return o * factor; });
      }
    }
  }

  __device__ void multiply_values(int key0, bool wide) {
#pragma unroll
    for (int p = 0; p < PIECES; p++) {
      __syncthreads();
      fetch(other, PITCH, a.dv - p * TILE, wide, [&](int r) { return a.value(key0 + r, head) + p * TILE; }, [&](int r) { return key0 + r < a.last_key; });
      __syncthreads();
#pragma unroll 4
      for (int j = 0; j < TILE; j += 4) {
        float4 v[4];
#pragma unroll
        for (int u = 0; u < 4; u++) {
          v[u] = *reinterpret_cast<const float4*>(other + (j + u) * PITCH + 4 * tx);
        }
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const float4 weight = *reinterpret_cast<const float4*>(scores + (ty + 16 * i) * PITCH + j);
          add(out[i][p], weight.x, v[0]);
          add(out[i][p], weight.y, v[1]);
          add(out[i][p], weight.z, v[2]);
          add(out[i][p], weight.w, v[3]);
        }
      }
    }
  }

  static __device__ void add(float4& sum, float weight, const float4& v) {
    sum = map4(v, sum, [&](float x, float s) { return fmaf(weight, x, s); });
  }

  __device__ void write() const {
    const bool wide = aligned4(a.output(0, head), a.y_row);
#pragma unroll
    for (int i = 0; i < 4; i++) {
      if (query(i) < a.tq) {
        const bool sees = a.seen(query(i)) > a.first_key;
#pragma unroll
        for (int p = 0; p < PIECES; p++) {
          const int c = p * TILE + 4 * tx;
          store4(a.output(query(i), head) + c, map4(out[i][p], [&](float o) { return sees ? o / sums[i] : 0.0f; }), a.dv - c, wide);
        }
      }
    }
  }

  // Steps count from the first key: filler before a sequence does not change how its keys are grouped.
  __device__ void operate() {
    const bool wide_keys = aligned4(a.key(0, head), a.k_row), wide_values = aligned4(a.value(0, head), a.v_row);
    const int end = a.seen(min(a.tq, query0 + TILE) - 1);
#pragma unroll 1
    for (int key0 = a.first_key; key0 < end; key0 += TILE) {
      float s[4][4] = {};
      multiply_keys(s, key0, wide_keys);
      weigh(s, key0);
      multiply_values(key0, wide_values);
    }
    write();
  }
};

template <int PIECES>
__device__ __forceinline__ void flash(const AttentionCall& call) {
  const AttentionCall a = call.sequence<float>();
  SYRINX_DYNAMIC_SHARED(memory);
  Flash<PIECES>(a, reinterpret_cast<float*>(memory)).operate();
}

// The sum of a block's threads' numbers, or the largest.
template <class Combine>
__device__ float over_block(float v, Combine combine, float* warps) {
  for (int apart = 16; apart > 0; apart /= 2) {
    v = combine(v, __shfl_xor_sync(0xffffffffu, v, apart));
  }
  __syncthreads();
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32] = v;
  }
  __syncthreads();
  v = warps[0];
  for (int w = 1; w < static_cast<int>(blockDim.x) / 32; w++) {
    v = combine(v, warps[w]);
  }
  return v;
}

// One query of one head, its scores in scratch memory [tq·heads][tk].
__device__ __forceinline__ void naive(const AttentionCall& call) {
  __shared__ float warps[THREADS / 32];
  const AttentionCall a = call.sequence<float>();
  const int i = blockIdx.x / a.heads, head = blockIdx.x % a.heads, end = a.seen(i), lane = threadIdx.x % 32;
  float* scores = a.scratch + (static_cast<int64_t>(blockIdx.z) * gridDim.x + blockIdx.x) * a.tk;
  float most = NOTHING_SEEN;
  for (int j = a.first_key + threadIdx.x / 32; j < end; j += THREADS / 32) {
    float s = 0;
    for (int c = lane; c < a.d; c += 32) {
      s = fmaf(a.query(i, head)[c], a.key(j, head)[c], s);
    }
    for (int apart = 16; apart > 0; apart /= 2) {
      s += __shfl_xor_sync(0xffffffffu, s, apart);
    }
    s = a.scale * (s + a.relative_at(i, j, head));
    most = fmaxf(most, s);
    if (lane == 0) {
      scores[j] = s;
    }
  }
  most = over_block(most, [](float x, float y) { return fmaxf(x, y); }, warps);
  float sum = 0;
  for (int j = a.first_key + threadIdx.x; j < end; j += THREADS) {
    scores[j] = expf(scores[j] - anchor(most));
    sum += scores[j];
  }
  sum = over_block(sum, [](float x, float y) { return x + y; }, warps);
  for (int c = threadIdx.x; c < a.dv; c += THREADS) {
    float v = 0;
    for (int j = a.first_key; j < end; j++) {
      v = fmaf(scores[j], a.value(j, head)[c], v);
    }
    a.output(i, head)[c] = end > a.first_key ? v / sum : 0.0f;
  }
}

}  // namespace

// Local memory of attention_flash_64: sm_80 has five registers too few.
ATTENTION_ENTRY(attention_flash_64, THREADS, 2, flash<1>)
ATTENTION_ENTRY(attention_flash_128, THREADS, 1, flash<2>)
ATTENTION_ENTRY(attention_flash_256, THREADS, 1, flash<4>)
ATTENTION_ENTRY(attention_naive, THREADS, 2, naive)
