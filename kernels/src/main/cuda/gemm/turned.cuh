// Product of halves for few columns, whose tiles are turned: the outputs' columns are the rows that the tensor cores multiply, so that a tile may have any
// multiple of eight rows of x, and as many blocks as the device has multiprocessors. A group of four warps has 64 of its 128 columns; a warp behind them asks
// the copy engine for slices of 64 of k. The sums go through shared memory to rows, a warp for each, which it writes at once.
//
// Ladder (halves on an H100, outputs in float32; 512 columns of 2582 rows are 84 tiles of 128 x 128 for 132 multiprocessors). By what goes through shared memory,
// 128 bytes a cycle, a slice takes 640 cycles with 128 x 128, 496 with 80 rows, 520 with 88; k cut in two by pairs of blocks, or 64 rows, leave some
// multiprocessors twice the work of others: no gain.
//   2582x512x1536, residual       128x128 14.4 us   80 rows   predicted 12.6 us   got 13.1 us, with y's part as halves, too
//   2582x512x512, residual        128x128  9.0 us   80 rows   predicted  8.4 us   got  7.5 us
//   2582x512x1024, bias           128x128  9.6 us   80 rows   predicted  8.4 us   got  8.4 us
//   1754 rows of these            12.0, 7.4, 9.2 us   56 rows   predicted -2 us   got 10.2, 6.1, 7.1 us
//   two blocks on a multiprocessor, four slices each   15.1, 8.3, 9.6 us: not kept
//   weights asked for before the launch ahead has ended   13.2, 7.2, 8.4 us: not kept
//   x brought once for a cluster of four   got 28.3, 13.0, 18.5 us: not kept
// A step of the flow, with gemm/normed_gemm.cu and 6 products that keep nothing but halves: predicted -90 us, got -45 us (1.361 to 1.316 ms, in turn).
#pragma once
#include "common/reduce.cuh"
#include "gemm/call.cuh"

namespace {

// What becomes of rows beside the product's outputs: kept = part·y; normed = y·gain/rms(y) + shift; the first and the last of a batch mirrored behind its ends.
struct Beside {
  __half* kept;  // or null
  int kept_row;
  float part;
  __half* normed;
  int normed_row;
  const float *gain, *shift;
  float eps;
  int margin;  // rows to mirror
};

// Y: type of y and of the residual, whose rows lie four columns apart at least. NORMED: the four blocks of a cluster have all columns of their rows.
template <class Y, int ROWS, int STAGES, bool NORMED>
struct TurnedTile {
  static constexpr int COLUMNS = 128, BK = 64, PITCH_BYTES = BK * 2, CONSUMERS = 256, WARPS = CONSUMERS / 32, TOGETHER = 4;
  static constexpr int W_STAGE = COLUMNS * PITCH_BYTES, X_STAGE = ROWS * PITCH_BYTES;
  static constexpr int PITCH = COLUMNS + 4;  // floats between rows of sums: eight columns of four rows hit all banks once
  static constexpr int EACH = ROWS / WARPS;  // rows of a warp
  static_assert(ROWS % 8 == 0 && ROWS * PITCH * 4 <= STAGES * (W_STAGE + X_STAGE), "");

  const GemmCall& g;  // without taps, scale and activation
  const Beside& beside;
  const TensorMap &x_map, &w_map;
  unsigned char* memory;  // weights [STAGES][COLUMNS][PITCH_BYTES], x [STAGES][ROWS][PITCH_BYTES], full [STAGES], empty [STAGES], told, squares [TOGETHER][ROWS]
  uint64_t *full, *empty;  // barriers of the slices: all of one is there; all warps are done with it
  uint64_t* told;          // all blocks' squares are there
  float* squares;          // sums of each block's part of a row
  const int columns, together;  // tiles beside each other; rows of a batch, or of all that follow each other evenly
  const int slices, warp, lane;
  int n0, batch, row0, column;  // column: the first of four of this thread, as it writes

  __device__ TurnedTile(const GemmCall& call, const Beside& more, const TensorMap& xs, const TensorMap& ws, unsigned char* shared)
      : g(call),
        beside(more),
        x_map(xs),
        w_map(ws),
        memory(shared),
        full(reinterpret_cast<uint64_t*>(shared + STAGES * (W_STAGE + X_STAGE))),
        empty(full + STAGES),
        told(empty + STAGES),
        squares(reinterpret_cast<float*>(told + 2)),
        columns(NORMED ? TOGETHER : (call.n + COLUMNS - 1) / COLUMNS),
        together(call.x_batch == static_cast<int64_t>(call.rows) * call.x_row ? call.count() : call.rows),
        slices((call.k + BK - 1) / BK),
        warp(threadIdx.x / 32),
        lane(threadIdx.x % 32) {
    const int tile = static_cast<int>(blockIdx.x) / columns, tiles = (together + ROWS - 1) / ROWS;
    n0 = static_cast<int>(blockIdx.x) % columns * COLUMNS;
    batch = tile / tiles;
    row0 = tile % tiles * ROWS;
    column = n0 + lane * 4;
    if (threadIdx.x == CONSUMERS) {
      expect_map(x_map);
      expect_map(w_map);
      for (int s = 0; s < STAGES; s++) {
        barrier_init(full + s, 1);
        barrier_init(empty + s, WARPS);
      }
      barrier_init(told, 1);
      fence_barriers();
      if constexpr (NORMED) {
        barrier_expect(told, TOGETHER * ROWS * 4);
      }
    }
    __syncthreads();
    if constexpr (NORMED) {
      cluster_arrive();  // this block's memory is there for the others: they wait before they write
    }
    begin_early();
  }

  __device__ unsigned char* w_tile(int stage) const { return memory + stage * W_STAGE; }
  __device__ unsigned char* x_tile(int stage) const { return memory + STAGES * W_STAGE + stage * X_STAGE; }

  // Slices in order, as they pass through the stages: f(stage, its phase, slice).
  template <class F>
  __device__ __forceinline__ void each_slice(F f) const {
    int stage = 0;
    uint32_t phase = 0;
#pragma unroll 1
    for (int slice = 0; slice < slices; slice++) {
      f(stage, phase, slice);
      if (++stage == STAGES) {
        stage = 0;
        phase ^= 1;
      }
    }
  }

  __device__ void produce() const {
    each_slice([&](int stage, uint32_t phase, int slice) {
      barrier_wait(empty + stage, phase ^ 1);
      barrier_expect(full + stage, W_STAGE + X_STAGE);
      tensor_copy(x_tile(stage), x_map, slice * BK, row0, batch, full + stage);
      tensor_copy(w_tile(stage), w_map, slice * BK, n0, 0, full + stage);
    });
  }

  __device__ __forceinline__ void consume(float (&acc)[ROWS / 2]) const {
    const int group = threadIdx.x / 128 * 64 * PITCH_BYTES;
    uint64_t* before = nullptr;
    each_slice([&](int stage, uint32_t phase, int) {
      barrier_wait(full + stage, phase);
      group_begin();
#pragma unroll
      for (int step = 0; step < BK / 16; step++) {
        group_multiply<ROWS, __half>(acc, w_tile(stage) + group, x_tile(stage), step);
      }
      group_commit();
      group_wait_but_one();
      if (before != nullptr && lane == 0) {
        barrier_arrive(before);
      }
      before = empty + stage;
    });
    group_wait();
  }

  // Where row i of this warp begins among all rows, or -1.
  __device__ int row_of(int i) const {
    const int row = row0 + warp + WARPS * i, of_all = batch * together + row;
    return row < together && of_all < g.count() && column < g.n ? of_all : -1;
  }
  __device__ float4 vector(const float* p) const { return p != nullptr && column < g.n ? *reinterpret_cast<const float4*>(p + column) : make_float4(0, 0, 0, 0); }

  // Sums to rows in shared memory, where the slices were.
  __device__ __forceinline__ void turn(const float (&acc)[ROWS / 2], float* sums) const {
    sync_threads<CONSUMERS>();
    float* at = sums + lane % 4 * 2 * PITCH + warp * 16 + lane / 4;
#pragma unroll
    for (int j = 0; j < ROWS / 8; j++) {
      float* row = at + j * 8 * PITCH;
      row[0] = acc[4 * j];
      row[PITCH] = acc[4 * j + 1];
      row[8] = acc[4 * j + 2];
      row[PITCH + 8] = acc[4 * j + 3];
    }
    sync_threads<CONSUMERS>();
  }

  __device__ __forceinline__ void hold(float4 (&held)[EACH]) const {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      const int row = row_of(i);
      held[i] = make_float4(0, 0, 0, 0);
      if (g.residual != nullptr && row >= 0) {
        held[i] = load4(reinterpret_cast<const Y*>(g.residual) + g.y_at(row) + column, 4, true);
      }
    }
  }

  __device__ __forceinline__ void add(float4 (&held)[EACH], const float* sums, float4 bias) const {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      const float4 sum = *reinterpret_cast<const float4*>(sums + (warp + WARPS * i) * PITCH + lane * 4);
      held[i] = make_float4(fmaf(g.alpha, sum.x + bias.x, held[i].x), fmaf(g.alpha, sum.y + bias.y, held[i].y), fmaf(g.alpha, sum.z + bias.z, held[i].z),
                            fmaf(g.alpha, sum.w + bias.w, held[i].w));
    }
  }

  // A batch has more rows than its margins.
  __device__ __forceinline__ void mirror(int row, float4 v) const {
    const int first = row % g.rows, last = g.rows - 1 - first;  // rows from the batch's ends
    Y* at = reinterpret_cast<Y*>(g.y) + g.y_at(row) + column;
    if (first > 0 && first <= beside.margin) {
      store4(at - 2 * static_cast<int64_t>(first) * g.y_row, v, 4, true);
    }
    if (last > 0 && last <= beside.margin) {
      store4(at + 2 * static_cast<int64_t>(last) * g.y_row, v, 4, true);
    }
  }

  __device__ __forceinline__ void write(const float4 (&held)[EACH]) const {
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      const int row = row_of(i);
      if (row < 0) {
        continue;
      }
      if (g.y != nullptr) {
        store4(reinterpret_cast<Y*>(g.y) + g.y_at(row) + column, held[i], 4, true);
      }
      if (beside.margin > 0) {
        mirror(row, held[i]);
      }
      if (beside.kept != nullptr) {
        store4(beside.kept + static_cast<int64_t>(row) * beside.kept_row + column, map4(held[i], [&](float v) { return beside.part * v; }), 4, true);
      }
    }
  }

  // Every block of the cluster gets the squares of this one's part of all rows.
  __device__ __forceinline__ void tell(const float4 (&held)[EACH]) const {
    float sum[EACH];
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      sum[i] = fmaf(held[i].x, held[i].x, held[i].y * held[i].y) + fmaf(held[i].z, held[i].z, held[i].w * held[i].w);
    }
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      sum[i] = lanes_sum<32>(sum[i]);
    }
    cluster_wait();
    if (lane < TOGETHER) {
#pragma unroll
      for (int i = 0; i < EACH; i++) {
        cluster_send(squares + n0 / COLUMNS * ROWS + warp + WARPS * i, lane, sum[i], told);
      }
    }
  }

  __device__ __forceinline__ void write_normed(const float4 (&held)[EACH], float4 gain, float4 shift) const {
    barrier_wait(told, 0);
#pragma unroll
    for (int i = 0; i < EACH; i++) {
      const float* of = squares + warp + WARPS * i;
      const float all = ((of[0] + of[ROWS]) + of[2 * ROWS]) + of[3 * ROWS];
      const float factor = 1.0f / sqrtf(all / g.n + beside.eps);
      const int row = row_of(i);
      if (row >= 0) {
        const float4 v = map4(held[i], [&](float f) { return f * factor; });
        const float4 made = make_float4(fmaf(v.x, gain.x, shift.x), fmaf(v.y, gain.y, shift.y), fmaf(v.z, gain.z, shift.z), fmaf(v.w, gain.w, shift.w));
        store4(beside.normed + static_cast<int64_t>(row) * beside.normed_row + column, made, 4, true);
      }
    }
  }

  __device__ __forceinline__ void operate() const {
    if (warp == WARPS) {
      if (lane == 0) {
        produce();
      }
      if constexpr (NORMED) {
        __syncwarp();
        cluster_wait();
      }
      return;
    }
    float4 held[EACH];
    hold(held);
    const float4 bias = vector(g.bias), gain = vector(NORMED ? beside.gain : nullptr), shift = vector(NORMED ? beside.shift : nullptr);
    float acc[ROWS / 2] = {};
    consume(acc);
    float* sums = reinterpret_cast<float*>(memory);
    turn(acc, sums);
    add(held, sums, bias);
    if constexpr (NORMED) {
      tell(held);
    }
    write(held);
    if constexpr (NORMED) {
      write_normed(held, gain, shift);
    }
  }
};

}  // namespace
