// Product of halves on Hopper's tensor cores: the copy engine brings slices of x and w for one thread that asks, two groups of four warps multiply
// them, and nobody waits for a slice that is there. What a tile's rows are, and in which order k runs, is as in gemm/group.cuh.
#pragma once
#include "gemm/group.cuh"

namespace {

// Gated units whose results become halves: the device's own exponential and reciprocal do. NaN and infinity come out as they should.
template <int GATE>
__device__ __forceinline__ float gated_quickly(float first, float second) {
  constexpr float LOG2_E = 1.4426950408889634f;
  if constexpr (GATE == SWIGLU) {
    return first * reciprocal_of(1.0f + power_of_two(-LOG2_E * first)) * second;
  } else {
    static_assert(GATE == GATED_TANH, "");
    const float e = power_of_two(2.0f * LOG2_E * (first > 15.0f ? 15.0f : first));  // above 15, tanh is 1
    return (e - 1.0f) * reciprocal_of((e + 1.0f) * (1.0f + power_of_two(-LOG2_E * second)));
  }
}

// 128 rows, BN columns; STAGES slices of 64 of k under way or in use. A thread behind those that multiply brings. TOGETHER blocks run at once on a
// multiprocessor.
// With a gate, half of the columns are of the first half of w and half of the second, and a pair of them makes one output.
template <class Y, int BN, int STAGES, int TOGETHER, int GATE = -1>
struct Pipeline : TapWalk {
  static constexpr int BM = 128, ROW = BK * 2, CONSUMERS = 256, THREADS = CONSUMERS + (TOGETHER == 1 ? 128 : 32);
  static constexpr int W_STAGE = BN * ROW;
  static constexpr bool GATED = GATE >= 0;
  static constexpr int OUTPUTS = GATED ? BN / 2 : BN, W_PARTS = GATED ? 2 : 1, W_PART = BN / W_PARTS;
  static constexpr int PITCH = BN + 8;                                                          // floats between rows of sums
  static constexpr int PASSES = BM / 2 * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW ? 2 : 4;  // parts of the sums that fit where the slices were
  static_assert(BM / PASSES * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW && BN % 16 == 0 && W_PART % 8 == 0, "");

  // Rows of a thread for which what is added to the sums is asked for before them, as far as there are registers. With one, the other is asked for before the first is written.
  static constexpr int HELD = TOGETHER == 1 ? BN * sizeof(Y) <= 512 ? 2 : 0 : BN * sizeof(Y) <= 192 ? 1 : 0;
  static constexpr int ROW_HELD = BN / 8 * sizeof(Y) / 2;
  using Held = float[HELD > 0 ? HELD * ROW_HELD : 1];

  const GemmCall& g;
  const TensorMap &x_map, &w_map;
  unsigned char* memory;  // weights [STAGES][BN][ROW], x [x_stages][x_pitch][ROW], full [STAGES], empty [STAGES]
  const int x_stages, together;
  uint64_t *full, *empty;  // barriers of the slices: all of one is there; all warps are done with it
  int n0, batch, row0;     // first column; rows are row0 and the next of `together` of a batch

  __device__ Pipeline(const GemmCall& call, const TensorMap& xs, const TensorMap& ws, unsigned char* shared)
      : TapWalk(call, BM),
        g(call),
        x_map(xs),
        w_map(ws),
        memory(shared),
        x_stages((STAGES - 2 + taps) / taps + 1),  // a chunk's place is free once the slice is whose place its first slice takes
        together(taps == 1 && call.x_batch == static_cast<int64_t>(call.rows) * call.x_row ? call.count() : call.rows),
        full(reinterpret_cast<uint64_t*>(shared + STAGES * W_STAGE + x_stages * x_pitch * ROW)),
        empty(full + STAGES) {
    go_to(static_cast<int>(blockIdx.x));
    if (threadIdx.x == 0) {
      expect_map(x_map);
      expect_map(w_map);
      for (int s = 0; s < STAGES; s++) {
        barrier_init(full + s, 1);
        barrier_init(empty + s, CONSUMERS / 32);
      }
      fence_barriers();
    }
    __syncthreads();
    begin_early();
  }

  __device__ int outputs() const { return GATED ? g.n / 2 : g.n; }
  __device__ int columns() const { return (outputs() + OUTPUTS - 1) / OUTPUTS; }
  __device__ int row_tiles() const { return (together + BM - 1) / BM; }
  __device__ int tiles() const { return g.count() / together * row_tiles() * columns(); }

  // Neighbouring tiles share their rows.
  __device__ void go_to(int tile) {
    n0 = tile % columns() * OUTPUTS;
    batch = tile / columns() / row_tiles();
    row0 = tile / columns() % row_tiles() * BM;
  }

  // Row of w where a part of the tile's columns begins.
  __device__ int w_row(int part) const {
    const int column = part * W_PART;
    return n0 + (GATED && column >= OUTPUTS ? g.n / 2 + column - OUTPUTS : column);
  }

  __device__ int next(int x_stage) const { return x_stage + 1 == x_stages ? 0 : x_stage + 1; }
  __device__ unsigned char* x_tile(int stage) const { return memory + STAGES * W_STAGE + stage * x_pitch * ROW; }
  __device__ unsigned char* w_tile(int stage) const { return memory + stage * W_STAGE; }

  __device__ void produce(int first, int last, Ring& ring) const {
    each_slice(first, last, STAGES, ring, [&](int stage, uint32_t phase, int chunk, int tap) {
      ring.x_stage = tap == 0 ? next(ring.x_stage) : ring.x_stage;
      barrier_wait(empty + stage, phase ^ 1);
      barrier_expect(full + stage, W_STAGE + (tap == 0 ? x_rows * ROW : 0));
      if (tap == 0) {
        tensor_copy(x_tile(ring.x_stage), x_map, chunk * size, row0, batch, full + stage);
      }
      const int k = tap * run + chunk * size;
#pragma unroll
      for (int part = 0; part < W_PARTS; part++) {
        tensor_copy(w_tile(stage) + part * W_PART * ROW, w_map, k, w_row(part), 0, full + stage);
      }
    });
  }

  template <int STEPS>
  static __device__ __forceinline__ void multiply_steps(float (&acc)[BN / 2], const unsigned char* x, const unsigned char* w) {
    group_begin();
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      group_multiply<BN, __half>(acc, x, w, step);
    }
    group_commit();
  }

  __device__ void consume(float (&acc)[BN / 2], int first, int last, Ring& ring) const {
    const int group = threadIdx.x / 128;
    uint64_t* before = nullptr;
    each_slice(first, last, STAGES, ring, [&](int stage, uint32_t phase, int, int tap) {
      ring.x_stage = tap == 0 ? next(ring.x_stage) : ring.x_stage;
      const unsigned char *x = x_tile(ring.x_stage) + (group * 64 + tap * dilation) * ROW, *w = w_tile(stage);
      barrier_wait(full + stage, phase);
      switch (size / 16) {
        case 4: multiply_steps<4>(acc, x, w); break;
        case 3: multiply_steps<3>(acc, x, w); break;
        case 2: multiply_steps<2>(acc, x, w); break;
        default: multiply_steps<1>(acc, x, w); break;
      }
      group_wait_but_one();
      if (before != nullptr && threadIdx.x % 32 == 0) {
        barrier_arrive(before);
      }
      before = empty + stage;
    });
    group_wait();
  }

  // After the last slice of a tile that another follows.
  __device__ void release(const Ring& ring) const {
    if (threadIdx.x % 32 == 0) {
      barrier_arrive(empty + (ring.stage == 0 ? STAGES : ring.stage) - 1);
    }
  }

  // Whether every thread may write what it has, four columns or two of a row: nothing but bias and residual follows the sums.
  __device__ bool simple() const {
    return g.activation == NONE && g.scale == nullptr && g.y_wide<Y>() && (g.n & 3) == 0 && gridDim.y == 1;
  }

  // Both rows of this thread.
  __device__ int row_of(int half) const { return row0 + threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4 + 8 * half; }

  // Outputs of a row of this thread, or -1.
  __device__ int64_t place_of(int half) const {
    const int row = row_of(half);
    return row < together && batch * together + row < g.count() ? g.y_at(batch * together + row) : -1;
  }

  // What is added to two columns of each run of eight of a row of this thread.
  __device__ __forceinline__ void hold_row(float* held, int half) const {
    const int64_t place = g.residual == nullptr ? -1 : place_of(half);
#pragma unroll
    for (int j = 0; j < BN / 8; j++) {
      const int c = n0 + j * 8 + threadIdx.x % 4 * 2, at = j * sizeof(Y) / 2;
      const Y* from = reinterpret_cast<const Y*>(g.residual) + place + c;
      const bool there = place >= 0 && c < g.n;
      if constexpr (sizeof(Y) == 4) {
        const float2 v = there ? *reinterpret_cast<const float2*>(from) : make_float2(0, 0);
        held[at] = v.x;
        held[at + 1] = v.y;
      } else {
        held[at] = there ? *reinterpret_cast<const float*>(from) : 0.0f;
      }
    }
  }

  __device__ __forceinline__ void hold(Held& held) const {
#pragma unroll
    for (int half = 0; half < HELD; half++) {
      hold_row(held + half * ROW_HELD, half);
    }
  }

  // Two columns of neighbouring runs of eight, of a row: sums to outputs.
  __device__ __forceinline__ void write_row(
      const float (&acc)[BN / 2], const float* held, int j0, int half, int64_t place, int column) const {
    constexpr int RUNS = TOGETHER == 1 ? BN / 8 % 8 == 0 ? 8 : 4 : 2;
    float2 bias[RUNS], residual[RUNS];
#pragma unroll
    for (int i = 0; i < RUNS; i++) {
      const int c = column + i * 8;
      const bool there = place >= 0 && c < g.n;
      bias[i] = there && g.bias != nullptr ? *reinterpret_cast<const float2*>(g.bias + c) : make_float2(0, 0);
      if constexpr (HELD > 0) {
        const int at = (j0 + i) * sizeof(Y) / 2;
        if constexpr (sizeof(Y) == 4) {
          residual[i] = make_float2(held[at], held[at + 1]);
        } else {
          residual[i] = __half22float2(*reinterpret_cast<const __half2*>(&held[at]));
        }
        continue;
      }
      residual[i] = there && g.residual != nullptr ? two(reinterpret_cast<const Y*>(g.residual) + place + c) : make_float2(0, 0);
    }
    float2 v[RUNS];
#pragma unroll
    for (int i = 0; i < RUNS; i++) {
      const float* sums = acc + 4 * (j0 + i) + 2 * half;
      v[i] = make_float2(fmaf(g.alpha, sums[0] + bias[i].x, residual[i].x), fmaf(g.alpha, sums[1] + bias[i].y, residual[i].y));
    }
    if constexpr (sizeof(Y) == 4) {
#pragma unroll
      for (int i = 0; i < RUNS; i++) {
        if (place >= 0 && column + i * 8 < g.n) {
          *reinterpret_cast<float2*>(g.y + place + column + i * 8) = v[i];
        }
      }
    } else {
      // Neighbouring threads swap, so that each has four columns of one run and not two of two.
      const bool odd = threadIdx.x & 1;
      __half* y = reinterpret_cast<__half*>(g.y) + place;
#pragma unroll
      for (int i = 0; i < RUNS; i += 2) {
        const uint32_t low = pack<__half>(v[i].x, v[i].y), high = pack<__half>(v[i + 1].x, v[i + 1].y);
        const uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? low : high, 1);
        const int c = column + (i + odd) * 8 - 2 * odd;
        if (place >= 0 && c < g.n) {
          *reinterpret_cast<uint2*>(y + c) = odd ? make_uint2(other, high) : make_uint2(low, other);
        }
      }
    }
  }

  static __device__ float2 two(const float* p) { return *reinterpret_cast<const float2*>(p); }
  static __device__ float2 two(const __half* p) { return __half22float2(*reinterpret_cast<const __half2*>(p)); }

  __device__ __forceinline__ void write_simply(const float (&acc)[BN / 2], const Held& held) const {
    constexpr int RUNS = TOGETHER == 1 ? BN / 8 % 8 == 0 ? 8 : 4 : 2;
    float second[HELD == 1 ? ROW_HELD : 1];
    if constexpr (HELD == 1) {
      hold_row(second, 1);
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int64_t place = place_of(half);
      const float* held_row = HELD == 1 && half == 1 ? second : HELD == 2 ? held + half * ROW_HELD : held;
#pragma unroll
      for (int j = 0; j < BN / 8; j += RUNS) {
        write_row(acc, held_row, j, half, place, n0 + j * 8 + threadIdx.x % 4 * 2);
      }
    }
  }

  // What is added to two columns of each run of eight of both halves.
  using Added = float2[GATED ? BN / 8 : 1];

  __device__ __forceinline__ void hold_added(Added& added) const {
#pragma unroll
    for (int j = 0; j < BN / 8; j++) {
      const int column = n0 + j % (BN / 16) * 8 + threadIdx.x % 4 * 2, c = column + j / (BN / 16) * outputs();
      const bool there = column < outputs();
      const float2 bias = there && g.bias != nullptr ? two(g.bias + c) : make_float2(0, 0), shift = there && g.shift != nullptr ? two(g.shift + c) : make_float2(0, 0);
      added[j] = make_float2(bias.x + shift.x, bias.y + shift.y);
    }
  }

  // Pairs of sums, one of each half, to outputs.
  template <bool ADDS>
  __device__ __forceinline__ void write_gated(const float (&acc)[BN / 2], const Added& added) const {
    const bool odd = threadIdx.x & 1;
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int64_t place = place_of(half);
      __half* y = reinterpret_cast<__half*>(g.y) + place;
#pragma unroll
      for (int j = 0; j < BN / 16; j += 2) {
        uint32_t made[2];
#pragma unroll
        for (int u = 0; u < 2; u++) {
          const float *first = acc + 4 * (j + u) + 2 * half, *second = first + BN / 4;
          const float2 a = ADDS ? added[j + u] : make_float2(0, 0), b = ADDS ? added[BN / 16 + j + u] : make_float2(0, 0);
          made[u] = pack<__half>(gated_quickly<GATE>(first[0] + a.x, second[0] + b.x), gated_quickly<GATE>(first[1] + a.y, second[1] + b.y));
        }
        const uint32_t other = __shfl_xor_sync(0xffffffffu, odd ? made[0] : made[1], 1);
        const int c = n0 + (j + odd) * 8 + threadIdx.x % 4 / 2 * 4;
        if (place >= 0 && c < outputs()) {
          *reinterpret_cast<uint2*>(y + c) = odd ? make_uint2(other, made[1]) : make_uint2(made[0], other);
        }
      }
    }
  }

  // Some of the rows at a time through shared memory.
  __device__ void write(const float (&acc)[BN / 2]) const {
    float* sums = reinterpret_cast<float*>(memory);
    const int thread = threadIdx.x, warp = thread / 32, lane = thread % 32;
#pragma unroll 1
    for (int pass = 0; pass < PASSES; pass++) {
      constexpr int WARPS = CONSUMERS / 32 / PASSES;
      sync_threads<CONSUMERS>();
      if (warp / WARPS == pass) {
        float* at = sums + (warp % WARPS * 16 + lane / 4) * PITCH + lane % 4 * 2;
#pragma unroll
        for (int j = 0; j < BN / 8; j++) {
          *reinterpret_cast<float2*>(at + j * 8) = make_float2(acc[4 * j], acc[4 * j + 1]);
          *reinterpret_cast<float2*>(at + 8 * PITCH + j * 8) = make_float2(acc[4 * j + 2], acc[4 * j + 3]);
        }
      }
      sync_threads<CONSUMERS>();
      const auto row = [&](int q) { return row0 + pass * (BM / PASSES) + q / (BN / 4); };
      const auto find = [&](int q, const float*& from, int64_t& place, int& column) {
        const int r = q / (BN / 4), c = q % (BN / 4) * 4;
        const bool there = row(q) < together && batch * together + row(q) < g.count();
        from = sums + r * PITCH + c;
        place = there ? g.y_at(batch * together + row(q)) : -1;
        column = n0 + c;
        return there && column < g.n;
      };
      write_runs<Y, TOGETHER == 1 ? 4 : 2>(g, BM / PASSES * BN / 4, thread, CONSUMERS, find, [&](int q) { return batch * together + row(q); });
    }
  }
};

// Piece blockIdx.y of gridDim.y of the chunks.
template <class Y, int BN, int STAGES, int TOGETHER>
__device__ __forceinline__ void gemm_pipeline(const GemmCall& g, const TensorMap& x_map, const TensorMap& w_map) {
  SYRINX_DYNAMIC_SHARED(memory);
  using Tile = Pipeline<Y, BN, STAGES, TOGETHER>;
  Tile tile(g, x_map, w_map, memory);
  const int each = (tile.chunks + gridDim.y - 1) / gridDim.y;
  const int first = min(tile.chunks, static_cast<int>(blockIdx.y) * each), last = min(tile.chunks, first + each);
  Ring ring;
  if (threadIdx.x >= Tile::CONSUMERS) {
    if constexpr (TOGETHER == 1) {
      registers_give<40>();
    }
    if (threadIdx.x == Tile::CONSUMERS) {
      tile.produce(first, last, ring);
    }
  } else {
    if constexpr (TOGETHER == 1) {
      registers_take<232>();
    }
    float acc[BN / 2] = {};
    typename Tile::Held held;
    const bool simple = tile.simple();
    if (simple) {
      tile.hold(held);
    }
    tile.consume(acc, first, last, ring);
    if (simple) {
      tile.write_simply(acc, held);
    } else {
      tile.write(acc);
    }
  }
}

// A gated unit. A block does every gridDim.x-th tile: while one is written, the slices of the next are on their way.
template <int BN, int STAGES, int GATE>
__device__ __forceinline__ void gated_pipeline(const GemmCall& g, const TensorMap& x_map, const TensorMap& w_map) {
  SYRINX_DYNAMIC_SHARED(memory);
  using Tile = Pipeline<__half, BN, STAGES, 1, GATE>;
  Tile tile(g, x_map, w_map, memory);
  const int tiles = tile.tiles(), apart = static_cast<int>(gridDim.x);
  Ring ring;
  if (threadIdx.x >= Tile::CONSUMERS) {
    registers_give<40>();
    if (threadIdx.x == Tile::CONSUMERS) {
#pragma unroll 1
      for (int i = static_cast<int>(blockIdx.x); i < tiles; i += apart) {
        tile.go_to(i);
        tile.produce(0, tile.chunks, ring);
      }
    }
  } else {
    registers_take<232>();
    const bool adds = g.bias != nullptr || g.shift != nullptr;
#pragma unroll 1
    for (int i = static_cast<int>(blockIdx.x); i < tiles; i += apart) {
      tile.go_to(i);
      typename Tile::Added added;
      if (adds) {
        tile.hold_added(added);
      }
      float acc[BN / 2] = {};
      tile.consume(acc, 0, tile.chunks, ring);
      tile.release(ring);
      if (adds) {
        tile.template write_gated<true>(acc, added);
      } else {
        tile.template write_gated<false>(acc, added);
      }
    }
  }
}

}  // namespace
