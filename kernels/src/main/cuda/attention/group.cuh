// Attention over whole sequences on Hopper's tensor cores: heads of 64 halves, without a relative term. The copy engine brings keys and values, three
// groups of four warps have 64 queries each, and while one group's weights are found, others multiply.
#pragma once
#include "attention/call.cuh"
#include "common/wgmma.cuh"

namespace {

constexpr int WIDTH = 64, ROW_BYTES = WIDTH * 2, QUERY_TILE = 64 * ROW_BYTES;

// Memory: queries [GROUPS][64][ROW_BYTES], keys [DEPTH][KEYS][ROW_BYTES], values likewise, barriers.
template <int GROUPS, int KEYS, int DEPTH>
struct FlashGroups {
  static constexpr int KEY_TILE = KEYS * ROW_BYTES;
  static constexpr int FEW = 32;  // keys of a last step that is not worth a whole one

  const AttentionCall& a;
  const TensorMap &q_map, &k_map, &v_map;
  unsigned char* memory;
  const int lane, head, sequence, query0, steps;
  uint64_t *queries_there, *keys_there, *keys_done, *values_there, *values_done;
  float out[WIDTH / 2] = {};
  float most[2] = {NOTHING_SEEN, NOTHING_SEEN}, sums[2] = {0, 0};
  float factor;  // of scores, in powers of two; above 0, or hidden scores would be turned over

  __device__ FlashGroups(const AttentionCall& call, const TensorMap& qs, const TensorMap& ks, const TensorMap& vs, unsigned char* shared)
      : a(call),
        q_map(qs),
        k_map(ks),
        v_map(vs),
        memory(shared),
        lane(threadIdx.x % 32),
        head(blockIdx.y),
        sequence(blockIdx.z),
        query0(static_cast<int>(gridDim.x - 1 - blockIdx.x) * 64 * GROUPS),  // causal: the longest first
        steps(count_steps()),
        queries_there(reinterpret_cast<uint64_t*>(shared + GROUPS * QUERY_TILE + 2 * DEPTH * KEY_TILE)),
        keys_there(queries_there + 1),
        keys_done(keys_there + DEPTH),
        values_there(keys_done + DEPTH),
        values_done(values_there + DEPTH),
        factor(call.scale * 1.4426950408889634f) {
    if (threadIdx.x == 0) {
      barrier_init(queries_there, 1);
      for (int s = 0; s < DEPTH; s++) {
        barrier_init(keys_there + s, 1);
        barrier_init(keys_done + s, 4 * GROUPS);
        barrier_init(values_there + s, 1);
        barrier_init(values_done + s, 4 * GROUPS);
      }
      fence_barriers();
    }
    __syncthreads();
    begin_early();
  }

  // Of the block: it sees most.
  __device__ int last_query() const { return min(a.tq, query0 + 64 * GROUPS) - 1; }

  __device__ int count_steps() const { return max(0, a.seen(last_query()) - a.first_key + KEYS - 1) / KEYS; }

  __device__ unsigned char* query_tile(int group) const { return memory + group * QUERY_TILE; }
  __device__ unsigned char* key_tile(int stage) const { return memory + GROUPS * QUERY_TILE + stage * KEY_TILE; }
  __device__ unsigned char* value_tile(int stage) const { return key_tile(DEPTH + stage); }

  // The maps begin with the first key, and end with the last: what lies behind it arrives as zeros.
  __device__ void produce() const {
    const int column = head / (a.heads / a.kv_heads) * WIDTH;
    barrier_expect(queries_there, GROUPS * QUERY_TILE);
    tensor_copy(memory, q_map, head * WIDTH, query0, sequence, queries_there);
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      const int stage = step % DEPTH;
      const uint32_t phase = step / DEPTH % 2;
      barrier_wait(keys_done + stage, phase ^ 1);
      barrier_expect(keys_there + stage, KEY_TILE);
      tensor_copy(key_tile(stage), k_map, column, step * KEYS, sequence, keys_there + stage);
      barrier_wait(values_done + stage, phase ^ 1);
      barrier_expect(values_there + stage, KEY_TILE);
      tensor_copy(value_tile(stage), v_map, column, step * KEYS, sequence, values_there + stage);
    }
  }

  __device__ void release(uint64_t* barrier) const {
    if (lane == 0) {
      barrier_arrive(barrier);
    }
  }

  // N: keys of the step that are multiplied, all or FEW.
  template <int N>
  __device__ __forceinline__ void multiply_keys(float (&s)[N / 2], int step) const {
    const int stage = step % DEPTH;
    barrier_wait(keys_there + stage, step / DEPTH % 2);
#pragma unroll
    for (int i = 0; i < N / 2; i++) {
      s[i] = 0;
    }
    group_begin();
#pragma unroll
    for (int c = 0; c < WIDTH / 16; c++) {
      group_multiply<N, __half>(s, query_tile(threadIdx.x / 128), key_tile(stage), c);
    }
    group_commit();
  }

  template <int N>
  __device__ __forceinline__ void multiply_values(const uint32_t (&weights)[N / 16][4], int step) {
    const int stage = step % DEPTH;
    barrier_wait(values_there + stage, step / DEPTH % 2);
    group_begin();
#pragma unroll
    for (int k = 0; k < N / 16; k++) {
      group_multiply_rows(out, weights[k], value_tile(stage) + k * 16 * ROW_BYTES);
    }
    group_commit();
  }

  // Query of sums i of a lane: 0 and 1 are of one, 2 and 3 of another.
  __device__ int query(int i) const { return query0 + threadIdx.x / 32 * 16 + lane / 4 + i / 2 * 8; }

  template <int N>
  __device__ __forceinline__ void hide(float (&s)[N / 2], int key0) const {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      const int end = a.seen(query(i));
#pragma unroll
      for (int n = 0; n < N / 8; n++) {
        s[4 * n + i] = key0 + n * 8 + lane % 4 * 2 + i % 2 < end ? s[4 * n + i] : NOTHING_SEEN;
      }
    }
  }

  // Scores to weights relative to the largest so far; what was summed before has to be scaled by `before`. Hidden scores are -inf and get 0.
  template <int N>
  __device__ __forceinline__ void weigh(float (&s)[N / 2], float (&before)[2]) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float highest = most[r];
#pragma unroll
      for (int n = 0; n < N / 8; n++) {
        highest = fmaxf(highest, fmaxf(s[4 * n + 2 * r], s[4 * n + 2 * r + 1]));
      }
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 1));
      highest = fmaxf(highest, __shfl_xor_sync(0xffffffffu, highest, 2));
      before[r] = most[r] == highest ? 1.0f : power_of_two((most[r] - anchor(highest)) * factor);
      most[r] = highest;
      const float base = anchor(highest) * factor;
      float sum = 0;
#pragma unroll
      for (int n = 0; n < N / 8; n++) {
        s[4 * n + 2 * r] = power_of_two(fmaf(s[4 * n + 2 * r], factor, -base));
        s[4 * n + 2 * r + 1] = power_of_two(fmaf(s[4 * n + 2 * r + 1], factor, -base));
        sum += s[4 * n + 2 * r] + s[4 * n + 2 * r + 1];
      }
      sums[r] = sums[r] * before[r] + sum;
    }
  }

  template <int N>
  __device__ __forceinline__ void scores(float (&s)[N / 2], int step, float (&before)[2]) {
    const int key0 = a.first_key + step * KEYS;
    if (key0 + N > a.seen(query0 + static_cast<int>(threadIdx.x) / 128 * 64)) {
      hide<N>(s, key0);
    }
    weigh<N>(s, before);
  }

  template <int N>
  static __device__ __forceinline__ void narrow(const float (&s)[N / 2], uint32_t (&weights)[N / 16][4]) {
#pragma unroll
    for (int k = 0; k < N / 16; k++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        weights[k][i] = pack<__half>(s[8 * k + 2 * i], s[8 * k + 2 * i + 1]);
      }
    }
  }

  __device__ __forceinline__ void rescale_outputs(const float (&before)[2]) {
#pragma unroll
    for (int n = 0; n < WIDTH / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        out[4 * n + i] *= before[i / 2];
      }
    }
  }

  // Groups start their products one after the other: in step, all would wait for the tensor cores together, and then weigh scores together.
  __device__ void wait_for_turn() const { turn_wait<128>(threadIdx.x / 128); }

  __device__ void pass_turn(bool last) const {
    const int group = threadIdx.x / 128;
    if (!last || group < GROUPS - 1) {
      turn_pass<128>(group + 1 < GROUPS ? group + 1 : 0);
    }
  }

  __device__ __forceinline__ void begin(uint32_t (&weights)[KEYS / 16][4]) {
    float s[KEYS / 2];
    float before[2];
    barrier_wait(queries_there, 0);
    if (threadIdx.x / 128 == GROUPS - 1) {
      turn_pass<128>(0);
    }
    wait_for_turn();
    multiply_keys<KEYS>(s, 0);
    pass_turn(steps == 1);
    group_wait();
    release(keys_done);
    scores<KEYS>(s, 0, before);
    narrow<KEYS>(s, weights);
  }

  // Finds a step's weights while those of the step before are multiplied; they may have the same place.
  template <int N>
  __device__ __forceinline__ void advance(const uint32_t (&weights)[KEYS / 16][4], uint32_t (&found)[N / 16][4], int step) {
    float s[N / 2];
    float before[2];
    wait_for_turn();
    multiply_keys<N>(s, step);
    multiply_values<KEYS>(weights, step - 1);
    pass_turn(step == steps - 1);
    group_wait_but_one();
    release(keys_done + step % DEPTH);
    scores<N>(s, step, before);
    group_wait();
    release(values_done + (step - 1) % DEPTH);
    rescale_outputs(before);
    narrow<N>(s, found);
  }

  // Whether the last step has but FEW keys that any query of the block sees.
  __device__ bool ends_in_few() const { return steps > 1 && a.seen(last_query()) - a.first_key - (steps - 1) * KEYS <= FEW; }

  __device__ void consume() {
    uint32_t weights[KEYS / 16][4];
    const bool few = ends_in_few();
    if (steps > 0) {
      begin(weights);
    }
#pragma unroll 1
    for (int step = 1; step < steps - few; step++) {
      advance<KEYS>(weights, weights, step);
    }
    if (few) {
      uint32_t last[FEW / 16][4];
      advance<FEW>(weights, last, steps - 1);
      multiply_values<FEW>(last, steps - 1);
    } else if (steps > 0) {
      multiply_values<KEYS>(weights, steps - 1);
    }
    group_wait();
    write();
  }

  __device__ void write() {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 1);
      sums[r] += __shfl_xor_sync(0xffffffffu, sums[r], 2);
      const int i = query(2 * r);
      const bool sees = i < a.tq && a.seen(i) > a.first_key;
      const bool odd = lane & 1;
      __half* row = reinterpret_cast<__half*>(a.y) + static_cast<int64_t>(i) * a.y_row + head * WIDTH;
#pragma unroll
      for (int n = 0; n < WIDTH / 8; n += 2) {
        uint32_t two[2];
#pragma unroll
        for (int u = 0; u < 2; u++) {
          const float* sum = out + 4 * (n + u) + 2 * r;
          two[u] = sees ? pack<__half>(sum[0] / sums[r], sum[1] / sums[r]) : 0u;
        }
        // Neighbouring threads swap, so that each has four columns of one run and not two of two.
        const uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? two[0] : two[1], 1);
        if (i < a.tq) {
          *reinterpret_cast<uint2*>(row + (n + odd) * 8 + lane % 4 / 2 * 4) = odd ? make_uint2(other, two[1]) : make_uint2(two[0], other);
        }
      }
    }
  }
};

template <int GROUPS, int KEYS, int DEPTH>
__device__ __forceinline__ void flash_groups(const AttentionCall& call, const TensorMap& q_map, const TensorMap& k_map, const TensorMap& v_map) {
  SYRINX_DYNAMIC_SHARED(memory);
  const AttentionCall a = call.sequence<__half>();
  FlashGroups<GROUPS, KEYS, DEPTH> flash(a, q_map, k_map, v_map, memory);
  if (threadIdx.x >= 128 * GROUPS) {
    registers_give<32>();
    if (threadIdx.x == 128 * GROUPS) {
      flash.produce();
    }
  } else {
    registers_take<160>();
    flash.consume();
  }
}

}  // namespace
