// Attention over whole sequences on tensor cores: queries, keys, values and weights are rounded to half precision; scores, sums and outputs are float32.
//
// Ladder (1291 queries and keys, 8 heads of 64, H100; 3.4 GFLOP, floor 4.5 us at 763 TFLOP/s; a library's 17 us):
//   float32 tiles of attention.cu                                               predicted 110 us    got -
//   64 queries a block, float32 keys and values converted by each block         predicted  28 us    got -     113 MB from the second-level cache
//   converted once by a launch before; as many queries as fill the device       predicted  17 us    got -     2.5 us + 38 MB
#include "attention/call.cuh"

namespace {

constexpr int KEYS = 64;     // of a step
constexpr int STAGES = 3;    // steps whose keys and values are under way or in use
constexpr int BLOCK_ROWS = 128;  // rows of queries in scratch memory are a multiple of this

// Scratch memory: queries [heads][query_rows][D], keys from first_key on [kv_heads][key_rows][D], values likewise; zeros where there is nothing.
template <int D>
struct Halves {
  __half *queries, *keys, *values;
  int query_rows, key_rows;

  __device__ explicit Halves(const AttentionCall& a) {
    query_rows = (a.tq + BLOCK_ROWS - 1) / BLOCK_ROWS * BLOCK_ROWS;
    key_rows = (a.last_key - a.first_key + KEYS - 1) / KEYS * KEYS;
    queries = reinterpret_cast<__half*>(a.scratch);
    keys = queries + static_cast<int64_t>(a.heads) * query_rows * D;
    values = keys + static_cast<int64_t>(a.kv_heads) * key_rows * D;
  }
};

// Eight columns from c on of a head's row to half precision.
__device__ __forceinline__ uint4 eight(const float* row, int c, int columns, bool wide) {
  const float4 low = load4(row + c, columns - c, wide), high = load4(row + c + 4, columns - c - 4, wide);
  return make_uint4(pack<__half>(low.x, low.y), pack<__half>(low.z, low.w), pack<__half>(high.x, high.y), pack<__half>(high.z, high.w));
}

// One of the three matrices; row(head, r) is where a row's columns are, or null.
template <int D, class Row>
__device__ __forceinline__ void convert(__half* to, int heads, int rows, int columns, bool wide, Row row) {
  for_items(heads * rows, D / 8, [&](int item, int chunk) {
    const float* from = row(item / rows, item % rows);
    const uint4 v = from == nullptr ? make_uint4(0, 0, 0, 0) : eight(from, chunk * 8, columns, wide);
    *reinterpret_cast<uint4*>(to + static_cast<int64_t>(item) * D + chunk * 8) = v;
  });
}

template <int D>
__device__ __forceinline__ void halve(const AttentionCall& a) {
  const Halves<D> h(a);
  const bool heads_wide = a.d % 4 == 0, values_wide = a.dv % 4 == 0;
  const int shared_by = a.heads / a.kv_heads;
  convert<D>(h.queries, a.heads, h.query_rows, a.d, heads_wide && aligned4(a.q, a.q_row),
             [&](int head, int r) { return r < a.tq ? a.query(r, head) : nullptr; });
  convert<D>(h.keys, a.kv_heads, h.key_rows, a.d, heads_wide && aligned4(a.k, a.k_row),
             [&](int head, int r) { return a.first_key + r < a.last_key ? a.key(a.first_key + r, head * shared_by) : nullptr; });
  convert<D>(h.values, a.kv_heads, h.key_rows, a.dv, values_wide && aligned4(a.v, a.v_row),
             [&](int head, int r) { return a.first_key + r < a.last_key ? a.value(a.first_key + r, head * shared_by) : nullptr; });
}

// Each warp has 16 queries; a lane has columns 2 (lane % 4) and the next of every eight, of queries lane / 4 and that + 8 (the layout of mma.m16n8k16's sums).
template <int D, bool RELATIVE>
struct FlashHalf {
  static constexpr int ROW = D * 2, CHUNKS = D / 8;
  static constexpr int TILE = KEYS * ROW, STAGE = 2 * TILE;

  const AttentionCall& a;
  unsigned char* memory;
  const int lane, head, query0;  // query0: the warp's first
  const __half *keys, *values;
  const int steps;
  uint32_t q[D / 16][4];
  float out[D / 8][4] = {};
  float most[2] = {NOTHING_SEEN, NOTHING_SEEN}, sums[2] = {0, 0};
  float factor;  // of scores, in powers of two

  __device__ FlashHalf(const AttentionCall& call, const Halves<D>& h, unsigned char* shared)
      : a(call),
        memory(shared),
        lane(threadIdx.x % 32),
        head(blockIdx.y),
        query0(static_cast<int>((gridDim.x - 1 - blockIdx.x) * blockDim.x / 2 + threadIdx.x / 32 * 16)),  // causal: the longest first
        keys(h.keys + static_cast<int64_t>(blockIdx.y / (call.heads / call.kv_heads)) * h.key_rows * D),
        values(h.values + static_cast<int64_t>(blockIdx.y / (call.heads / call.kv_heads)) * h.key_rows * D),
        steps(count_steps()),
        factor(call.scale * 1.4426950408889634f) {
    const __half* row = h.queries + (static_cast<int64_t>(head) * h.query_rows + query0 + lane / 4) * D + lane % 4 * 2;
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        q[c][i] = query0 < h.query_rows ? *reinterpret_cast<const uint32_t*>(row + i % 2 * 8 * D + c * 16 + i / 2 * 8) : 0;
      }
    }
  }

  // Steps of the whole block: its last query sees most.
  __device__ int count_steps() const {
    const int last = min(a.tq, static_cast<int>((gridDim.x - blockIdx.x) * blockDim.x / 2)) - 1;
    return max(0, a.seen(last) - a.first_key + KEYS - 1) / KEYS;
  }

  __device__ unsigned char* key_tile(int step) const { return memory + static_cast<unsigned>(step) % STAGES * STAGE; }
  __device__ unsigned char* value_tile(int step) const { return key_tile(step) + TILE; }

  // Eight rows' same chunks lie in eight different places of 128 bytes.
  static __device__ int place(int r, int c) { return r * ROW + (c ^ (r & 7)) * 16; }

  __device__ void fetch(int step) const {
    if (step < steps) {
      for (int i = threadIdx.x; i < KEYS * CHUNKS; i += blockDim.x) {
        const int r = i / CHUNKS, c = i % CHUNKS;
        const int64_t from = (static_cast<int64_t>(step) * KEYS + r) * D + c * 8;
        copy16(key_tile(step) + place(r, c), keys + from, 16);
        copy16(value_tile(step) + place(r, c), values + from, 16);
      }
    }
    copy_commit();
  }

  __device__ void multiply_keys(float (&s)[KEYS / 8][4], int step) const {
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
#pragma unroll
      for (int n = 0; n < KEYS / 16; n++) {
        uint32_t k[4];
        load_fragments(k, key_tile(step) + place(n * 16 + lane / 16 * 8 + lane % 8, c * 2 + lane / 8 % 2));
        multiply(s[2 * n], q[c], k[0], k[1], __half());
        multiply(s[2 * n + 1], q[c], k[2], k[3], __half());
      }
    }
  }

  // Query of sums i of a lane: 0 and 1 are of one, 2 and 3 of another.
  __device__ int query(int i) const { return query0 + lane / 4 + i / 2 * 8; }

  __device__ void add_relative(float (&s)[KEYS / 8][4], int key0) const {
    // Beyond the ends of the table all keys have its end's value.
    const bool before = key0 + KEYS - 1 - query0 <= -a.left, behind = key0 - (query0 + 15) >= a.span - 1 - a.left;
#pragma unroll
    for (int i = 0; i < 4; i += 2) {
      const int row = min(query(i), a.tq - 1);
      if (before || behind) {
        const float end = a.relative_at(row, before ? row - a.left : row + a.span - a.left, head);
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) {
          s[n][i] += end;
          s[n][i + 1] += end;
        }
      } else {
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) {
          const int key = key0 + n * 8 + lane % 4 * 2;
          s[n][i] += a.relative_at(row, key, head);
          s[n][i + 1] += a.relative_at(row, key + 1, head);
        }
      }
    }
  }

  // Before hiding: a factor below 0 would turn hidden scores over.
  __device__ void scale(float (&s)[KEYS / 8][4]) const {
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        s[n][i] *= factor;
      }
    }
  }

  __device__ void hide(float (&s)[KEYS / 8][4], int key0) const {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int end = a.seen(query(i));
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        s[n][i] = key0 + n * 8 + lane % 4 * 2 + i % 2 < end ? s[n][i] : NOTHING_SEEN;
      }
    }
  }

  // Scores to weights relative to the largest so far; what was summed before is scaled to it. Hidden scores are -inf and get 0.
  __device__ void weigh(float (&s)[KEYS / 8][4]) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float highest = most[r];
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        highest = fmaxf(highest, fmaxf(s[n][2 * r], s[n][2 * r + 1]));
      }
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 1));
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 2));
      const float before = most[r] == highest ? 1.0f : power_of_two(most[r] - anchor(highest));
      most[r] = highest;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < KEYS / 8; n++) {
        s[n][2 * r] = power_of_two(s[n][2 * r] - anchor(highest));
        s[n][2 * r + 1] = power_of_two(s[n][2 * r + 1] - anchor(highest));
        sum += s[n][2 * r] + s[n][2 * r + 1];
      }
      sums[r] = sums[r] * before + sum;
#pragma unroll
      for (int n = 0; n < D / 8; n++) {
        out[n][2 * r] *= before;
        out[n][2 * r + 1] *= before;
      }
    }
  }

  __device__ void multiply_values(const float (&s)[KEYS / 8][4], int step) {
#pragma unroll
    for (int k = 0; k < KEYS / 16; k++) {
      const uint32_t weights[4] = {pack<__half>(s[2 * k][0], s[2 * k][1]), pack<__half>(s[2 * k][2], s[2 * k][3]),
                                   pack<__half>(s[2 * k + 1][0], s[2 * k + 1][1]), pack<__half>(s[2 * k + 1][2], s[2 * k + 1][3])};
#pragma unroll
      for (int n = 0; n < D / 16; n++) {
        uint32_t v[4];
        load_fragments_transposed(v, value_tile(step) + place(k * 16 + lane % 16, n * 2 + lane / 16));
        multiply(out[2 * n], weights, v[0], v[1], __half());
        multiply(out[2 * n + 1], weights, v[2], v[3], __half());
      }
    }
  }

  __device__ void write() {
    const bool wide = (reinterpret_cast<uintptr_t>(a.y) & 7) == 0 && (a.y_row & 1) == 0 && (a.dv & 1) == 0;
#pragma unroll
    for (int r = 0; r < 2; r++) {
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 1);
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 2);
      const int i = query(2 * r);
      if (i >= a.tq) {
        continue;
      }
      const bool sees = a.seen(i) > a.first_key;
#pragma unroll
      for (int n = 0; n < D / 8; n++) {
        const int c = n * 8 + lane % 4 * 2;
        const float2 v = make_float2(sees ? out[n][2 * r] / sums[r] : 0.0f, sees ? out[n][2 * r + 1] / sums[r] : 0.0f);
        if (wide && c < a.dv) {
          *reinterpret_cast<float2*>(a.output(i, head) + c) = v;
        } else {
          if (c < a.dv) a.output(i, head)[c] = v.x;
          if (c + 1 < a.dv) a.output(i, head)[c + 1] = v.y;
        }
      }
    }
  }

  __device__ void operate() {
    fetch(0);
    fetch(1);
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      copy_wait<STAGES - 2>();
      __syncthreads();  // the step is there for all, and all are done with the one before, whose place the next one takes
      fetch(step + 2);
      const int key0 = a.first_key + step * KEYS;
      float s[KEYS / 8][4] = {};
      multiply_keys(s, step);
      if constexpr (RELATIVE) {
        add_relative(s, key0);
      }
      scale(s);
      if (key0 + KEYS > a.seen(query0)) {
        hide(s, key0);
      }
      weigh(s);
      multiply_values(s, step);
    }
    write();
  }
};

template <int D, bool RELATIVE>
__device__ __forceinline__ void flash_half(const AttentionCall& a) {
  SYRINX_DYNAMIC_SHARED(memory);
  FlashHalf<D, RELATIVE>(a, Halves<D>(a), memory).operate();
}

}  // namespace

ATTENTION_ENTRY(attention_halves_64, 256, 4, halve<64>)
ATTENTION_ENTRY(attention_halves_128, 256, 4, halve<128>)
// 128 registers a thread: enough for Ampere's and Hopper's schedule, not for Blackwell's.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1200
ATTENTION_ENTRY(attention_flash_half_64, 256, 1, flash_half<64, false>)
#else
ATTENTION_ENTRY(attention_flash_half_64, 256, 2, flash_half<64, false>)
#endif
ATTENTION_ENTRY(attention_flash_half_128, 256, 1, flash_half<128, false>)
ATTENTION_ENTRY(attention_flash_half_relative_64, 256, 1, flash_half<64, true>)
ATTENTION_ENTRY(attention_flash_half_relative_128, 256, 1, flash_half<128, true>)
