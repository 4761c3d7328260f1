// Product on Hopper's tensor cores (wgmma). x lies in 16 bits, or is rounded to them on its way to shared memory, where a tile's rows
// lie once for all taps of a convolution: tap t reads the rows t·dilation further down. Sums are float32; k runs over chunks of at most
// 64 channels, and within a chunk over the taps.
#pragma once
#include "gemm/mma.cuh"
#include "gemm/taps.cuh"
#include "common/wgmma.cuh"

namespace {

// Runs of sums to their outputs or, if k is cut into pieces, to scratch memory: row(i) is the row of run i, of all rows of all batches.
template <class Y, int TOGETHER, class At, class Row>
__device__ __forceinline__ void write_runs(const GemmCall& g, int runs, int first, int apart, At at, Row row) {
  if (gridDim.y == 1) {
    finish_all<Y, TOGETHER>(g, runs, first, apart, at);
    return;
  }
  float* part = g.scratch + static_cast<int64_t>(blockIdx.y) * g.count() * g.sums_pitch();
#pragma unroll 1
  for (int i = first; i < runs; i += apart) {
    const float* sums;
    int64_t place;
    int column;
    if (at(i, sums, place, column)) {
      *reinterpret_cast<float4*>(part + static_cast<int64_t>(row(i)) * g.sums_pitch() + column) = *reinterpret_cast<const float4*>(sums);
    }
  }
}

// GROUPS groups of four warps have 64 rows each, and all BN columns.
template <class H, class W, class X, class Y, int GROUPS, int BN, int DEPTH>
struct GroupTile : TapWalk {
  static constexpr bool X_COPIED = sizeof(X) == 2;
  static constexpr int BM = 64 * GROUPS, THREADS = 128 * GROUPS, STAGES = DEPTH, ROW = BK * 2;  // bytes of a tile's row: eight runs of 16
  static constexpr int W_STAGE = BN * ROW;
  static constexpr int PITCH = BN + 8;                                  // floats between rows of sums: a warp's pairs hit all banks once
  static constexpr int QUADS = BN > 128 ? 8 : 4;                        // runs of four floats of x that a thread brings at a time
  static constexpr int PART = QUADS * THREADS;                          // of all threads
  static constexpr int BYTES = BN * BK / 16;                            // runs of 16 bytes of a slice of int8 weights
  static constexpr int BYTE_RUNS = (BYTES + THREADS - 1) / THREADS;
  static constexpr int PASSES = BM / 2 * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW ? 2 : 4;  // parts of the sums that fit where the slices were
  static_assert(BM / PASSES * PITCH * 4 <= STAGES * W_STAGE + 2 * BM * ROW && GROUPS * 4 % PASSES == 0, "");

  const GemmCall& g;
  unsigned char* memory;  // weights [STAGES][BN][ROW], x [x_stages][x_pitch][ROW], y_at [BM], x_at [x_rows]
  const int x_stages, lane, warp, n0;
  int64_t* y_at;
  int* x_at;  // -1: no such row; x_extent is an int
  bool x_wide, w_wide;
  float4 x_held[X_COPIED ? 1 : QUADS];
  uint4 w_held[copied<H, W> ? 1 : BYTE_RUNS];

  __device__ GroupTile(const GemmCall& call, unsigned char* shared)
      : TapWalk(call, BM),
        g(call),
        memory(shared),
        x_stages(X_COPIED && taps == 1 ? STAGES : 2),
        lane(threadIdx.x & 31),
        warp(threadIdx.x / 32),
        n0(static_cast<int>(blockIdx.x % ((call.n + BN - 1) / BN)) * BN),
        y_at(reinterpret_cast<int64_t*>(shared + STAGES * W_STAGE + x_stages * x_pitch * ROW)),
        x_at(reinterpret_cast<int*>(y_at + BM)),
        x_wide(aligned(call.x, 16) && ((run | call.x_tap | call.x_row | call.x_batch) & (16 / static_cast<int>(sizeof(X)) - 1)) == 0),
        w_wide(aligned(call.w, 16) && (run | call.w_stride) % (16 / static_cast<int>(sizeof(W))) == 0) {
    place_rows(static_cast<int>(blockIdx.x / ((g.n + BN - 1) / BN)));
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
        row0 = first + r0;
      }
    }
    row0 = first + r0;
  }

  int row0;  // of the tile, of all rows of all batches

  __device__ unsigned char* x_tile(int chunk) const { return memory + STAGES * W_STAGE + chunk % x_stages * x_pitch * ROW; }
  __device__ unsigned char* w_tile(int slice) const { return memory + static_cast<unsigned>(slice) % STAGES * W_STAGE; }

  // Where 16-byte chunk c of row r lies: the swizzle that the tensor cores expect. Eight rows' same chunks lie in eight different places of 128 bytes.
  static __device__ int place(int r, int c) { return r * ROW + ((c ^ r) & 7) * 16; }

  __device__ int parts() const { return (x_rows * (BK / 4) + PART - 1) / PART; }

  // All rows of a chunk, of which those that are not there become zeros.
  __device__ void copy_x(int chunk) const {
    const X* x = reinterpret_cast<const X*>(g.x);
    const int piece = threadIdx.x % (BK / 8), c = chunk * size + piece * 8;
    if (piece * 8 >= size) {
      return;
    }
    unsigned char* tile = x_tile(chunk);
    for (int r = threadIdx.x / (BK / 8); r < x_rows; r += THREADS / (BK / 8)) {
      const int start = x_at[r];
      if (x_wide) {
        const bool there = start >= 0 && c < run;
        copy16(tile + place(r, piece), there ? x + start + c : x, there ? 16 : 0);
      } else {
        alignas(16) X eight[8];
#pragma unroll
        for (int e = 0; e < 8; e++) {
          eight[e] = start >= 0 && c + e < run ? x[start + c + e] : X(0.0f);
        }
        *reinterpret_cast<uint4*>(tile + place(r, piece)) = *reinterpret_cast<uint4*>(eight);
      }
    }
  }

  __device__ void read_x(int chunk, int part) {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      const int q = part * PART + i * THREADS + threadIdx.x, c = chunk * size + q % (BK / 4) * 4;
      const int start = q / (BK / 4) < x_rows ? x_at[q / (BK / 4)] : -1;
      x_held[i] = load4(g.x + start + c, start < 0 ? 0 : run - c, x_wide);
    }
  }

  __device__ void write_x(int chunk, int part) const {
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      const int q = part * PART + i * THREADS + threadIdx.x, quad = q % (BK / 4);
      if (q / (BK / 4) < x_rows) {
        *reinterpret_cast<uint2*>(x_tile(chunk) + place(q / (BK / 4), quad / 2) + quad % 2 * 8) =
            make_uint2(pack<H>(x_held[i].x, x_held[i].y), pack<H>(x_held[i].z, x_held[i].w));
      }
    }
  }

  // Weights of output n0 + r for channels c on of a tap.
  __device__ const W* weights(int r, int tap, int c) const {
    return static_cast<const W*>(g.w) + static_cast<int64_t>(n0 + r) * g.w_stride + tap * run + c;
  }

  template <int COUNT>
  __device__ void gather(W (&to)[COUNT], int r, int tap, int c) const {
#pragma unroll
    for (int e = 0; e < COUNT; e++) {
      to[e] = n0 + r < g.n && c + e < run ? weights(r, tap, c)[e] : W(0.0f);
    }
  }

  __device__ void copy_w(int slice, int chunk, int tap) const {
    constexpr int APART = THREADS / (BK / 8);
    const int piece = threadIdx.x % (BK / 8), first = threadIdx.x / (BK / 8), c = chunk * size + piece * 8;
    if (piece * 8 >= size) {
      return;
    }
    unsigned char* tile = w_tile(slice);
    if (w_wide) {
      const W* from = weights(first, tap, c);
#pragma unroll
      for (int i = 0; i < (BN + APART - 1) / APART; i++) {
        const int r = first + i * APART;
        if (BN % APART == 0 || r < BN) {
          const bool there = n0 + r < g.n && c < run;
          copy16(tile + place(r, piece), there ? static_cast<const void*>(from + static_cast<int64_t>(i) * APART * g.w_stride) : g.w, there ? 16 : 0);
        }
      }
    } else {
      for (int r = first; r < BN; r += APART) {
        alignas(16) W eight[8];
        gather(eight, r, tap, c);
        *reinterpret_cast<uint4*>(tile + place(r, piece)) = *reinterpret_cast<uint4*>(eight);
      }
    }
  }

  __device__ void read_w(int chunk, int tap) {
#pragma unroll
    for (int i = 0; i < BYTE_RUNS; i++) {
      const int q = threadIdx.x + i * THREADS, r = q / (BK / 16), c = chunk * size + q % (BK / 16) * 16;
      w_held[i] = make_uint4(0, 0, 0, 0);
      if (q >= BYTES) {
        continue;
      }
      if (w_wide) {
        if (n0 + r < g.n && c < run) {
          w_held[i] = load_stream(weights(r, tap, c));
        }
      } else {
        alignas(16) W sixteen[16];
        gather(sixteen, r, tap, c);
        w_held[i] = *reinterpret_cast<uint4*>(sixteen);
      }
    }
  }

  __device__ void write_w(int slice) const {
#pragma unroll
    for (int i = 0; i < BYTE_RUNS; i++) {
      const int q = threadIdx.x + i * THREADS, r = q / (BK / 16), c = q % (BK / 16) * 2;
      if (q < BYTES) {
        const uint4 v = w_held[i];
        *reinterpret_cast<uint4*>(w_tile(slice) + place(r, c)) =
            make_uint4(halves_of(v.x, 0x4140), halves_of(v.x, 0x4342), halves_of(v.y, 0x4140), halves_of(v.y, 0x4342));
        *reinterpret_cast<uint4*>(w_tile(slice) + place(r, c + 1)) =
            make_uint4(halves_of(v.z, 0x4140), halves_of(v.z, 0x4342), halves_of(v.w, 0x4140), halves_of(v.w, 0x4342));
      }
    }
  }

  // Products of a slice, left under way.
  __device__ void multiply_slice(float (&acc)[BN / 2], int slice, int chunk, int tap) const {
    const unsigned char *x = x_tile(chunk) + (warp / 4 * 64 + tap * dilation) * ROW, *w = w_tile(slice);
    switch (size / 16) {
      case 4: return multiply_steps<4>(acc, x, w);
      case 3: return multiply_steps<3>(acc, x, w);
      case 2: return multiply_steps<2>(acc, x, w);
      default: return multiply_steps<1>(acc, x, w);
    }
  }

  template <int STEPS>
  __device__ __forceinline__ void multiply_steps(float (&acc)[BN / 2], const unsigned char* x, const unsigned char* w) const {
    group_begin();
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      group_multiply<BN, H>(acc, x, w, step);
    }
    group_commit();
  }

  // A slice of w on its way, and the chunk of x that its first tap needs, where that is copied.
  __device__ void bring(int slice, int chunk, int tap) {
    if constexpr (X_COPIED) {
      if (tap == 0) {
        copy_x(chunk);
      }
    }
    if constexpr (copied<H, W>) {
      copy_w(slice, chunk, tap);
    } else {
      read_w(chunk, tap);
    }
  }

  __device__ void land_w(int slice) const {
    if constexpr (!copied<H, W>) {
      write_w(slice);
    }
  }

  // Chunks first to last - 1 of every tap.
  __device__ void run_chunks(float (&acc)[BN / 2], int first, int last) {
    const int all_parts = X_COPIED ? 0 : parts(), parts_of_slice = (all_parts + taps - 1) / taps, end = last * taps;
    for (int part = 0; part < all_parts && first < last; part++) {
      read_x(first, part);
      write_x(first, part);
    }
    int next = first * taps, next_chunk = first, next_tap = 0;
    const auto advance = [&]() {
      next++;
      if (++next_tap == taps) {
        next_tap = 0;
        next_chunk++;
      }
    };
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
      if (next < end) {
        bring(next, next_chunk, next_tap);
        land_w(next);
        advance();
      }
      copy_commit();
    }
    int chunk = first, tap = 0;
#pragma unroll 1
    for (int slice = first * taps; slice < end; slice++) {
      copy_wait<STAGES - 2>();
      fence_for_groups();
      __syncthreads();  // the slice is there for all, and all are done with the one before, whose place the next one takes
      const bool more = next < end;
      const int landing = next;
      int part = tap * parts_of_slice;
      const int parts_end = chunk + 1 < last ? min(all_parts, part + parts_of_slice) : 0;
      if (more) {
        bring(next, next_chunk, next_tap);
        advance();
      }
      copy_commit();
      if constexpr (!X_COPIED) {
        if (part < parts_end) {
          read_x(chunk + 1, part);
        }
      }
      multiply_slice(acc, slice, chunk, tap);
      if (more) {
        land_w(landing);
      }
      if constexpr (!X_COPIED) {
        if (part < parts_end) {
          write_x(chunk + 1, part);
        }
        for (part++; part < parts_end; part++) {
          read_x(chunk + 1, part);
          write_x(chunk + 1, part);
        }
      }
      group_wait();
      if (++tap == taps) {
        tap = 0;
        chunk++;
      }
    }
  }

  // Some of the rows at a time through shared memory: to their outputs, or to scratch memory [pieces][rows][n rounded up to 4].
  __device__ void write(const float (&acc)[BN / 2]) const {
    float* sums = reinterpret_cast<float*>(memory);
#pragma unroll 1
    for (int pass = 0; pass < PASSES; pass++) {
      constexpr int WARPS = 4 * GROUPS / PASSES;
      __syncthreads();
      if (warp / WARPS == pass) {
        float* at = sums + (warp % WARPS * 16 + lane / 4) * PITCH + lane % 4 * 2;
#pragma unroll
        for (int j = 0; j < BN / 8; j++) {
          *reinterpret_cast<float2*>(at + j * 8) = make_float2(acc[4 * j], acc[4 * j + 1]);
          *reinterpret_cast<float2*>(at + 8 * PITCH + j * 8) = make_float2(acc[4 * j + 2], acc[4 * j + 3]);
        }
      }
      __syncthreads();
      const auto find = [&](int q, const float*& from, int64_t& place, int& column) {
        const int r = q / (BN / 4), c = q % (BN / 4) * 4;
        from = sums + r * PITCH + c;
        place = y_at[pass * (BM / PASSES) + r];
        column = n0 + c;
        return place >= 0 && column < g.n;
      };
      write_runs<Y, 2>(g, BM / PASSES * BN / 4, threadIdx.x, THREADS, find, [&](int q) { return row0 + pass * (BM / PASSES) + q / (BN / 4); });
    }
  }

  // Piece blockIdx.y of gridDim.y of the chunks.
  __device__ void operate() {
    float acc[BN / 2] = {};
    const int each = (chunks + gridDim.y - 1) / gridDim.y;
    run_chunks(acc, min(chunks, static_cast<int>(blockIdx.y) * each), min(chunks, static_cast<int>(blockIdx.y + 1) * each));
    write(acc);
  }
};

template <class H, class W, class X, class Y, int GROUPS, int BN, int DEPTH = 3>
__device__ __forceinline__ void gemm_group(const GemmCall& g) {
  SYRINX_DYNAMIC_SHARED(memory);
  GroupTile<H, W, X, Y, GROUPS, BN, DEPTH>(g, memory).operate();
}

}  // namespace
