// Attention over whole sequences on tensor cores: queries, keys, values and outputs are halves, and so are the weights on their way into
// the second product; scores and sums are float32.
//
// Ladder (1291 queries and keys, 8 heads of 64, two sequences, H100; 6.8 GFLOP, floor 9 us at 763 TFLOP/s; a library's 34 us):
//   float32 tiles of attention.cu                                           predicted 220 us    got -
//   64 keys a step, three steps under way, mma.sync, 16 queries a warp      predicted  30 us    got 47.7 us   each warp reads all of a step
//   32 queries a warp, six warps a multiprocessor                           predicted  32 us    got 59.6 us   too few warps: not kept
//   warpgroups of 64 queries, three a block, 128 keys a step (group.cuh)    predicted  20 us    got 24.8 us   26.5 in a step; 112 blocks on 132 multiprocessors; 64 keys: 24.7
//   groups start their products in turn, so that one weighs while others multiply   predicted  17 us    got 21.3 us in a step
//   a last step of at most 32 keys (1291: 11) multiplies no more            predicted  20 us    got 19.8 us   21.4 before it in that run, alone; a flow step 1278 to 1255 (predicted 1257)
// Dropped, from 21.4: outputs rescaled only where the largest score grew by 8 binary orders 21.5; exponentials in pairs of halves 23.2, half of them as polynomials 22.1; no turns 23.0;
// 64 keys 21.6, 80 keys 20.4 (and no shorter last step); two groups, 144 keys 30.6; maxima as a tree, sums begun by the first product instead of zeros: nothing.
#include "attention/group.cuh"

namespace {

constexpr int KEYS = 64;   // of a step
constexpr int STAGES = 3;  // steps whose keys and values are under way or in use

// A sequence's rows of one head: row r is at + r·row, of which the first `columns` are there.
struct HeadRows {
  const __half* at;
  int row, rows, columns;

  __device__ bool wide() const { return aligned(at, 16) && (row & 7) == 0 && (columns & 7) == 0; }

  __device__ uint32_t two(int r, int c) const {
    const bool there = r < rows;
    const __half* p = at + static_cast<int64_t>(r) * row + c;
    const __half low = there && c < columns ? p[0] : __half(0.0f), high = there && c + 1 < columns ? p[1] : __half(0.0f);
    return pack<__half>(__half2float(low), __half2float(high));
  }
};

// Each warp has 16 queries; a lane has columns 2 (lane % 4) and the next of every eight, of queries lane / 4 and that + 8 (the layout of mma.m16n8k16's sums).
template <int D, bool RELATIVE>
struct FlashHalf {
  static constexpr int ROW = D * 2, CHUNKS = D / 8;
  static constexpr int TILE = KEYS * ROW, STAGE = 2 * TILE;

  const AttentionCall& a;
  unsigned char* memory;
  const int lane, head, query0;  // query0: the warp's first
  const __half *keys, *values;  // of the head, from the first key on
  const bool wide;
  const int steps;
  uint32_t q[D / 16][4];
  float out[D / 8][4] = {};
  float most[2] = {NOTHING_SEEN, NOTHING_SEEN}, sums[2] = {0, 0};
  float factor;  // of scores, in powers of two

  __device__ FlashHalf(const AttentionCall& call, unsigned char* shared)
      : a(call),
        memory(shared),
        lane(threadIdx.x % 32),
        head(blockIdx.y),
        query0(static_cast<int>((gridDim.x - 1 - blockIdx.x) * blockDim.x / 2 + threadIdx.x / 32 * 16)),  // causal: the longest first
        keys(first(call.k, call.k_row, call.d)),
        values(first(call.v, call.v_row, call.dv)),
        wide(key_rows().wide() && value_rows().wide()),
        steps(count_steps()),
        factor(call.scale * 1.4426950408889634f) {
    const HeadRows queries = {reinterpret_cast<const __half*>(call.q) + static_cast<int64_t>(head) * call.d, call.q_row, call.tq, call.d};
#pragma unroll
    for (int c = 0; c < D / 16; c++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        q[c][i] = queries.two(query0 + lane / 4 + i % 2 * 8, c * 16 + lane % 4 * 2 + i / 2 * 8);
      }
    }
  }

  __device__ const __half* first(const float* p, int row, int columns) const {
    const int group = blockIdx.y / (a.heads / a.kv_heads);
    return reinterpret_cast<const __half*>(p) + static_cast<int64_t>(a.first_key) * row + static_cast<int64_t>(group) * columns;
  }

  __device__ HeadRows key_rows() const { return {keys, a.k_row, a.last_key - a.first_key, a.d}; }
  __device__ HeadRows value_rows() const { return {values, a.v_row, a.last_key - a.first_key, a.dv}; }

  // Steps of the whole block: its last query sees most.
  __device__ int count_steps() const {
    const int last = min(a.tq, static_cast<int>((gridDim.x - blockIdx.x) * blockDim.x / 2)) - 1;
    return max(0, a.seen(last) - a.first_key + KEYS - 1) / KEYS;
  }

  __device__ unsigned char* key_tile(int step) const { return memory + static_cast<unsigned>(step) % STAGES * STAGE; }
  __device__ unsigned char* value_tile(int step) const { return key_tile(step) + TILE; }

  // Eight rows' same chunks lie in eight different places of 128 bytes.
  static __device__ int place(int r, int c) { return r * ROW + (c ^ (r & 7)) * 16; }

  static __device__ void fetch(const HeadRows& from, bool wide, unsigned char* tile, int r, int c, int j) {
    if (wide) {
      const bool there = j < from.rows && c * 8 < from.columns;
      copy16(tile + place(r, c), there ? from.at + static_cast<int64_t>(j) * from.row + c * 8 : from.at, there ? 16 : 0);
    } else {
      *reinterpret_cast<uint4*>(tile + place(r, c)) =
          make_uint4(from.two(j, c * 8), from.two(j, c * 8 + 2), from.two(j, c * 8 + 4), from.two(j, c * 8 + 6));
    }
  }

  __device__ void fetch(int step) const {
    if (step < steps) {
      for (int i = threadIdx.x; i < KEYS * CHUNKS; i += blockDim.x) {
        const int r = i / CHUNKS, c = i % CHUNKS;
        fetch(key_rows(), wide, key_tile(step), r, c, step * KEYS + r);
        fetch(value_rows(), wide, value_tile(step), r, c, step * KEYS + r);
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
    __half* y = reinterpret_cast<__half*>(a.y) + static_cast<int64_t>(head) * a.dv;
    const bool wide = (reinterpret_cast<uintptr_t>(y) & 3) == 0 && (a.y_row & 1) == 0 && (a.dv & 1) == 0;
#pragma unroll
    for (int r = 0; r < 2; r++) {
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 1);
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 2);
      const int i = query(2 * r);
      if (i >= a.tq) {
        continue;
      }
      const bool sees = a.seen(i) > a.first_key;
      __half* row = y + static_cast<int64_t>(i) * a.y_row;
#pragma unroll
      for (int n = 0; n < D / 8; n++) {
        const int c = n * 8 + lane % 4 * 2;
        const float2 v = make_float2(sees ? out[n][2 * r] / sums[r] : 0.0f, sees ? out[n][2 * r + 1] / sums[r] : 0.0f);
        if (wide && c < a.dv) {
          *reinterpret_cast<uint32_t*>(row + c) = pack<__half>(v.x, v.y);
        } else {
          if (c < a.dv) row[c] = __half(v.x);
          if (c + 1 < a.dv) row[c + 1] = __half(v.y);
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
__device__ __forceinline__ void flash_half(const AttentionCall& call) {
  SYRINX_DYNAMIC_SHARED(memory);
  const AttentionCall a = call.sequence<__half>();
  FlashHalf<D, RELATIVE>(a, memory).operate();
}

}  // namespace

// 128 registers a thread: enough for Ampere's and Hopper's schedule, not for Blackwell's.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1200
ATTENTION_ENTRY(attention_flash_half_64, 256, 1, flash_half<64, false>)
#else
ATTENTION_ENTRY(attention_flash_half_64, 256, 2, flash_half<64, false>)
#endif
ATTENTION_ENTRY(attention_flash_half_128, 256, 1, flash_half<128, false>)
ATTENTION_ENTRY(attention_flash_half_relative_64, 256, 1, flash_half<64, true>)
ATTENTION_ENTRY(attention_flash_half_relative_128, 256, 1, flash_half<128, true>)
ATTENTION_MAPS_ENTRY(attention_group_64, 512, 1, flash_groups<3, 128, 2>)
