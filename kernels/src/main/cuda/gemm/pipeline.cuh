// Product of halves on Hopper's tensor cores: some warps bring slices of x and w, two groups of four multiply them, and nobody waits for
// a slice that is there. What a tile's rows are, and in which order k runs, is as in gemm/group.cuh.
#pragma once
#include "gemm/group.cuh"

namespace {

// 128 rows, BN columns; STAGES slices of 64 of k under way or in use. The last four warps bring.
template <class Y, int BN, int STAGES>
struct Pipeline {
  static constexpr int BM = 128, BK = 64, ROW = BK * 2, CONSUMERS = 256, PRODUCERS = 128, THREADS = PRODUCERS + CONSUMERS;
  static constexpr int W_STAGE = BN * ROW;
  static constexpr int PITCH = BN + 8;                                               // floats between rows of sums
  static constexpr int PASSES = BM / 2 * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW ? 2 : 4;  // parts of the sums that fit where the slices were
  static_assert(BM / PASSES * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW && BN % 16 == 0, "");

  const GemmCall& g;
  unsigned char* memory;  // weights [STAGES][BN][ROW], x [x_stages][x_pitch][ROW], y_at [BM], full [STAGES], empty [STAGES], x_at [x_rows]
  const int run, taps, dilation, x_rows, x_pitch, x_stages, chunks, size, n0;
  int64_t* y_at;
  uint64_t *full, *empty;  // barriers of the slices: all parts of one are there; all warps are done with it
  int* x_at;
  int row0;

  __device__ Pipeline(const GemmCall& call, unsigned char* shared)
      : g(call),
        memory(shared),
        run(run_of(call)),
        taps(call.k / run),
        dilation(taps == 1 ? 0 : call.x_tap / call.x_row),
        x_rows(BM + (taps - 1) * dilation),
        x_pitch((x_rows + 7) & -8),
        x_stages((STAGES - 2 + taps) / taps + 1),  // a chunk's place is free once the slice is whose place its first slice takes
        chunks((run + BK - 1) / BK),
        size(((run + chunks - 1) / chunks + 15) & -16),
        n0(static_cast<int>(blockIdx.x % ((call.n + BN - 1) / BN)) * BN),
        y_at(reinterpret_cast<int64_t*>(shared + STAGES * W_STAGE + x_stages * x_pitch * ROW)),
        full(reinterpret_cast<uint64_t*>(y_at + BM)),
        empty(full + STAGES),
        x_at(reinterpret_cast<int*>(empty + STAGES)) {
    place_rows(static_cast<int>(blockIdx.x / ((g.n + BN - 1) / BN)));
    if (threadIdx.x == 0) {
      for (int s = 0; s < STAGES; s++) {
        barrier_init(full + s, PRODUCERS);
        barrier_init(empty + s, CONSUMERS / 32);
      }
    }
    __syncthreads();
  }

  // Rows of a convolution's tile are of one batch, because its taps share them; otherwise the rows of all batches follow each other.
  __device__ void place_rows(int tile) {
    const int together = taps == 1 ? g.count() : g.rows;
    const int tiles = (together + BM - 1) / BM, first = tile / tiles * together, r0 = tile % tiles * BM;
    for (int r = threadIdx.x; r < x_rows; r += THREADS) {
      const bool there = r0 + r < together + x_rows - BM;
      x_at[r] = !there ? -1 : taps == 1 ? static_cast<int>(g.x_at(r0 + r)) : static_cast<int>(g.x_at(first)) + (r0 + r) * g.x_row;
      if (r < BM) {
        y_at[r] = r0 + r < together ? g.y_at(first + r0 + r) : -1;
      }
    }
    row0 = first + r0;
  }

  __device__ unsigned char* x_tile(int stage) const { return memory + STAGES * W_STAGE + stage * x_pitch * ROW; }
  __device__ unsigned char* w_tile(int stage) const { return memory + stage * W_STAGE; }

  // Slices of all taps of chunks first to last - 1, in order: f(stage, its phase, stage of x, chunk, tap).
  template <class F>
  __device__ __forceinline__ void each_slice(int first, int last, F f) const {
    int stage = 0, x_stage = 0;
    uint32_t phase = 0;
#pragma unroll 1
    for (int chunk = first; chunk < last; chunk++) {
#pragma unroll 1
      for (int tap = 0; tap < taps; tap++) {
        f(stage, phase, x_stage, chunk, tap);
        if (++stage == STAGES) {
          stage = 0;
          phase ^= 1;
        }
      }
      x_stage = x_stage + 1 == x_stages ? 0 : x_stage + 1;
    }
  }

  // 16 bytes of a row, or by elements where rows are not aligned.
  static __device__ __forceinline__ void copy(unsigned char* to, const __half* from, bool there, int left, bool wide, const void* anywhere) {
    if (wide) {
      copy16(to, there ? from : anywhere, there ? 16 : 0);
    } else {
      alignas(16) __half eight[8];
#pragma unroll
      for (int e = 0; e < 8; e++) {
        eight[e] = there && e < left ? from[e] : __half(0.0f);
      }
      *reinterpret_cast<uint4*>(to) = *reinterpret_cast<uint4*>(eight);
    }
  }

  __device__ void produce(int first, int last) const {
    constexpr int APART = PRODUCERS / 8;  // rows of a thread: they swizzle alike
    const bool x_wide = aligned(g.x, 16) && ((run | g.x_tap | g.x_row | g.x_batch) & 7) == 0;
    const bool wide = x_wide && aligned(g.w, 16) && ((run | g.w_stride) & 7) == 0;
    const int thread = threadIdx.x - CONSUMERS, piece = thread % 8, own = thread / 8, place = own * ROW + ((piece ^ own) & 7) * 16;
    const __half *x = reinterpret_cast<const __half*>(g.x), *w = static_cast<const __half*>(g.w);
    each_slice(first, last, [&](int stage, uint32_t phase, int x_stage, int chunk, int tap) {
      barrier_wait(empty + stage, phase ^ 1);
      const int c = chunk * size + piece * 8, left = run - c;
      if (piece * 8 < size) {
        if (tap == 0) {
          unsigned char* to = x_tile(x_stage) + place;
#pragma unroll 4
          for (int r = own; r < x_rows; r += APART) {
            const int start = x_at[r];
            copy(to + (r - own) * ROW, x + start + c, start >= 0 && left > 0, left, wide, g.x);
          }
        }
        unsigned char* to = w_tile(stage) + place;
        const __half* from = w + static_cast<int64_t>(n0 + own) * g.w_stride + tap * run + c;
#pragma unroll
        for (int i = 0; i < BN / APART; i++) {
          copy(to + i * APART * ROW, from + static_cast<int64_t>(i) * APART * g.w_stride, n0 + own + i * APART < g.n && left > 0, left, wide, g.w);
        }
      }
      if (wide) {
        barrier_arrive_copies(full + stage);
      } else {
        barrier_arrive(full + stage);
      }
    });
    copy_commit();
    copy_wait<0>();
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

  __device__ void consume(float (&acc)[BN / 2], int first, int last) const {
    const int group = threadIdx.x / 128;
    const bool speaks = threadIdx.x % 32 == 0;
    uint64_t* before = nullptr;
    each_slice(first, last, [&](int stage, uint32_t phase, int x_stage, int, int tap) {
      const unsigned char *x = x_tile(x_stage) + (group * 64 + tap * dilation) * ROW, *w = w_tile(stage);
      barrier_wait(full + stage, phase);
      fence_for_groups();
      switch (size / 16) {
        case 4: multiply_steps<4>(acc, x, w); break;
        case 3: multiply_steps<3>(acc, x, w); break;
        case 2: multiply_steps<2>(acc, x, w); break;
        default: multiply_steps<1>(acc, x, w); break;
      }
      group_wait_but_one();
      if (before != nullptr && speaks) {
        barrier_arrive(before);
      }
      before = empty + stage;
    });
    group_wait();
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
      const auto find = [&](int q, const float*& from, int64_t& place, int& column) {
        const int r = q / (BN / 4), c = q % (BN / 4) * 4;
        from = sums + r * PITCH + c;
        place = y_at[pass * (BM / PASSES) + r];
        column = n0 + c;
        return place >= 0 && column < g.n;
      };
      write_runs<Y, 4>(g, BM / PASSES * BN / 4, thread, CONSUMERS, find, [&](int q) { return row0 + pass * (BM / PASSES) + q / (BN / 4); });
    }
  }
};

// Piece blockIdx.y of gridDim.y of the chunks.
template <class Y, int BN, int STAGES>
__device__ __forceinline__ void gemm_pipeline(const GemmCall& g) {
  SYRINX_DYNAMIC_SHARED(memory);
  using Tile = Pipeline<Y, BN, STAGES>;
  Tile tile(g, memory);
  const int each = (tile.chunks + gridDim.y - 1) / gridDim.y;
  const int first = min(tile.chunks, static_cast<int>(blockIdx.y) * each), last = min(tile.chunks, first + each);
  if (threadIdx.x >= Tile::CONSUMERS) {
    registers_give<40>();
    tile.produce(first, last);
  } else {
    registers_take<232>();
    float acc[BN / 2] = {};
    tile.consume(acc, first, last);
    tile.write(acc);
  }
}

}  // namespace
