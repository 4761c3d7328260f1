// Product on tensor cores (mma.sync, sm_80 and newer): x is rounded to 16 bits on its way to shared memory, products are summed in float32, k in order. Which tile
// computes an output does not change its bytes; only the number of pieces of k does, and that depends on the rows of one batch alone.
#pragma once
#include "gemm/call.cuh"

namespace {

constexpr int MMA_THREADS = 256;

// Weights on their way to shared memory: 16 bits are copied, bytes are widened in registers.
template <class H, class W>
constexpr bool copied = sizeof(H) == sizeof(W);

// Two bytes as two half-precision numbers: the byte plus 128 in the low bits of 1024, less 1152, exactly.
__device__ __forceinline__ uint32_t halves_of(uint32_t bytes, uint32_t select) {
  const uint32_t bits = __byte_perm(bytes ^ 0x80808080u, 0x64646464u, select);
  const __half2 v = __hsub2(*reinterpret_cast<const __half2*>(&bits), __floats2half2_rn(1152.0f, 1152.0f));
  return *reinterpret_cast<const uint32_t*>(&v);
}

// H: type of the factors, W: storage type of the weights. BM x BN outputs of a block, of which each of WM x WN warps has a part.
template <class H, class W, class X, class Y, int BM, int BN, int WM, int WN>
struct MmaTile {
  static constexpr int BK = 32, STAGES = 4, ROW = BK * 2;  // bytes of a tile's row: four chunks of 16
  static constexpr int PITCH = BN + 8;                     // floats between rows of sums: a warp's pairs hit all banks once
  static constexpr int TM = BM / WM / 16, TN = BN / WN / 8;
  static constexpr int STAGE = (BM + BN) * ROW;
  static constexpr int SHARED = STAGES * STAGE + BM * 12;
  static constexpr int QUADS = BM * BK / 4 / MMA_THREADS;             // runs of four floats of x that a thread brings
  static constexpr int ROWS_AT_ONCE = MMA_THREADS / 8;                // rows of x that the threads bring at once
  static constexpr int BYTES = BN * BK / 16;                          // runs of 16 bytes of a slice of int8 weights
  static constexpr int BYTE_RUNS = (BYTES + MMA_THREADS - 1) / MMA_THREADS;
  static_assert(WM * WN * 32 == MMA_THREADS && TN % 2 == 0 && QUADS >= 1, "");
  static_assert(BM / 2 * PITCH * 4 <= STAGES * STAGE, "half of the sums fit where the slices were");

  const GemmCall& g;
  unsigned char* memory;
  int64_t* y_at;
  int* x_at;  // -1: no such row; x_extent is an int
  const int m0, n0, run, lane, warp_m, warp_n;
  const bool x_wide, w_wide;
  float4 x_held[QUADS];
  uint4 w_held[copied<H, W> ? 1 : BYTE_RUNS];

  __device__ MmaTile(const GemmCall& call, unsigned char* shared)
      : g(call),
        memory(shared),
        y_at(reinterpret_cast<int64_t*>(shared + STAGES * STAGE)),
        x_at(reinterpret_cast<int*>(shared + STAGES * STAGE + BM * 8)),
        m0(static_cast<int>(blockIdx.x / ((call.n + BN - 1) / BN)) * BM),
        n0(static_cast<int>(blockIdx.x % ((call.n + BN - 1) / BN)) * BN),
        run(call.run()),
        lane(threadIdx.x & 31),
        warp_m(threadIdx.x / 32 / WN),
        warp_n(threadIdx.x / 32 % WN),
        x_wide(aligned(call.x, 4 * sizeof(X)) && ((run | call.x_tap | call.x_row | call.x_batch) & 3) == 0),
        w_wide(aligned(call.w, 16) && call.w_stride % (16 / static_cast<int>(sizeof(W))) == 0) {
    for (int r = threadIdx.x; r < BM; r += MMA_THREADS) {
      const bool there = m0 + r < g.count();
      x_at[r] = there ? static_cast<int>(g.x_at(m0 + r)) : -1;
      y_at[r] = there ? g.y_at(m0 + r) : -1;
    }
    __syncthreads();
  }

  __device__ unsigned char* x_tile(int slice) const { return memory + static_cast<unsigned>(slice) % STAGES * STAGE; }
  __device__ unsigned char* w_tile(int slice) const { return x_tile(slice) + BM * ROW; }

  // Where 16-byte chunk c of row r lies: eight rows' same chunks lie in eight different places of 128 bytes.
  static __device__ int chunk(int r, int c) { return r * ROW + ((c ^ (r >> 1)) & 3) * 16; }

  __device__ const X* input(int start, int kk) const {
    const int tap = kk / run;
    return reinterpret_cast<const X*>(g.x) + start + tap * g.x_tap + (kk - tap * run);
  }

  __device__ float one(int start, int kk) const { return kk < g.k ? load<1>(input(start, kk)).at[0] : 0.0f; }

  // Thread t brings floats 4 (t % 8) and the next three of rows t / 8, t / 8 + 32, ...
  __device__ void read_x(int slice) {
    const int kk = slice * BK + threadIdx.x % 8 * 4;
    const int tap = kk / run, offset = tap * g.x_tap + (kk - tap * run);
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      const int start = x_at[threadIdx.x / 8 + i * ROWS_AT_ONCE];
      x_held[i] = make_float4(0, 0, 0, 0);
      if (start < 0 || kk >= g.k) {
        continue;
      }
      if (x_wide) {
        x_held[i] = load4(reinterpret_cast<const X*>(g.x) + start + offset, 4, true);
      } else {
        x_held[i] = make_float4(one(start, kk), one(start, kk + 1), one(start, kk + 2), one(start, kk + 3));
      }
    }
  }

  __device__ void write_x(int slice) {
    const int quad = threadIdx.x % 8;
#pragma unroll
    for (int i = 0; i < QUADS; i++) {
      const uint2 four = make_uint2(pack<H>(x_held[i].x, x_held[i].y), pack<H>(x_held[i].z, x_held[i].w));
      *reinterpret_cast<uint2*>(x_tile(slice) + chunk(threadIdx.x / 8 + i * ROWS_AT_ONCE, quad / 2) + quad % 2 * 8) = four;
    }
  }

  // COUNT weights of output n0 + r from kk on, by elements; zeros outside.
  template <int COUNT>
  __device__ void gather(W (&to)[COUNT], int r, int kk) const {
#pragma unroll
    for (int e = 0; e < COUNT; e++) {
      to[e] = n0 + r < g.n && kk + e < g.k ? static_cast<const W*>(g.w)[static_cast<int64_t>(n0 + r) * g.w_stride + kk + e] : W(0.0f);
    }
  }

  __device__ void copy_w(int slice) {
    const W* w = static_cast<const W*>(g.w);
    for (int q = threadIdx.x; q < BN * 4; q += MMA_THREADS) {
      const int r = q / 4, kk = slice * BK + q % 4 * 8;
      unsigned char* to = w_tile(slice) + chunk(r, q % 4);
      if (w_wide) {
        const int bytes = n0 + r < g.n ? max(0, min(16, 2 * (g.k - kk))) : 0;
        copy16(to, bytes > 0 ? w + static_cast<int64_t>(n0 + r) * g.w_stride + kk : w, bytes);
      } else {
        alignas(16) W eight[8];
        gather(eight, r, kk);
        *reinterpret_cast<uint4*>(to) = *reinterpret_cast<uint4*>(eight);
      }
    }
  }

  __device__ void read_w(int slice) {
#pragma unroll
    for (int i = 0; i < BYTE_RUNS; i++) {
      const int q = threadIdx.x + i * MMA_THREADS, r = q / 2, kk = slice * BK + q % 2 * 16;
      w_held[i] = make_uint4(0, 0, 0, 0);
      if (q >= BYTES) {
        continue;
      }
      if (w_wide && n0 + r < g.n && kk + 16 <= g.k) {
        w_held[i] = load_stream(static_cast<const W*>(g.w) + static_cast<int64_t>(n0 + r) * g.w_stride + kk);
      } else {
        alignas(16) W sixteen[16];
        gather(sixteen, r, kk);
        w_held[i] = *reinterpret_cast<uint4*>(sixteen);
      }
    }
  }

  __device__ void write_w(int slice) {
#pragma unroll
    for (int i = 0; i < BYTE_RUNS; i++) {
      const int q = threadIdx.x + i * MMA_THREADS;
      if (q < BYTES) {
        const uint4 v = w_held[i];
        unsigned char* tile = w_tile(slice);
        *reinterpret_cast<uint4*>(tile + chunk(q / 2, q % 2 * 2)) =
            make_uint4(halves_of(v.x, 0x4140), halves_of(v.x, 0x4342), halves_of(v.y, 0x4140), halves_of(v.y, 0x4342));
        *reinterpret_cast<uint4*>(tile + chunk(q / 2, q % 2 * 2 + 1)) =
            make_uint4(halves_of(v.z, 0x4140), halves_of(v.z, 0x4342), halves_of(v.w, 0x4140), halves_of(v.w, 0x4342));
      }
    }
  }

  __device__ void sum(float (&acc)[TM][TN][4], int slice) const {
    const unsigned char *x = x_tile(slice), *w = w_tile(slice);
#pragma unroll
    for (int step = 0; step < BK / 16; step++) {
      uint32_t a[TM][4], b[TN / 2][4];
#pragma unroll
      for (int i = 0; i < TM; i++) {
        load_fragments(a[i], x + chunk(warp_m * TM * 16 + i * 16 + lane % 16, step * 2 + lane / 16));
      }
#pragma unroll
      for (int j = 0; j < TN / 2; j++) {
        load_fragments(b[j], w + chunk(warp_n * TN * 8 + j * 16 + lane / 16 * 8 + lane % 8, step * 2 + lane / 8 % 2));
      }
#pragma unroll
      for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < TN; j++) {
          multiply(acc[i][j], a[i], b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1], H());
        }
      }
    }
  }

  // Slices first to last - 1.
  __device__ void run_slices(float (&acc)[TM][TN][4], int first, int last) {
    const auto begin = [&](int slice) {
      read_x(slice);
      if constexpr (copied<H, W>) {
        copy_w(slice);
      } else {
        read_w(slice);
      }
    };
    const auto end = [&](int slice) {
      write_x(slice);
      if constexpr (!copied<H, W>) {
        write_w(slice);
      }
    };
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
      if (first + s < last) {
        begin(first + s);
        end(first + s);
      }
      copy_commit();
    }
#pragma unroll 1
    for (int slice = first; slice < last; slice++) {
      copy_wait<STAGES - 2>();
      __syncthreads();  // the slice is there for all, and all are done with the one before, whose place the next one takes
      const int next = slice + STAGES - 1;
      if (next < last) {
        begin(next);
      }
      copy_commit();
      sum(acc, slice);
      if (next < last) {
        end(next);
      }
    }
  }

  // Half of the rows at a time through shared memory; done(row of the tile, column, four sums) for runs of four columns.
  template <class Done>
  __device__ void write(const float (&acc)[TM][TN][4], Done done) {
    float* sums = reinterpret_cast<float*>(memory);
#pragma unroll 1
    for (int half = 0; half < 2; half++) {
      __syncthreads();
      if (warp_m / (WM / 2) == half) {
        float* at = sums + ((warp_m % (WM / 2)) * TM * 16 + lane / 4) * PITCH + warp_n * TN * 8 + lane % 4 * 2;
#pragma unroll
        for (int i = 0; i < TM; i++) {
#pragma unroll
          for (int j = 0; j < TN; j++) {
            *reinterpret_cast<float2*>(at + i * 16 * PITCH + j * 8) = make_float2(acc[i][j][0], acc[i][j][1]);
            *reinterpret_cast<float2*>(at + (i * 16 + 8) * PITCH + j * 8) = make_float2(acc[i][j][2], acc[i][j][3]);
          }
        }
      }
      __syncthreads();
#pragma unroll 1
      for (int q = threadIdx.x; q < BM / 2 * BN / 4; q += MMA_THREADS) {
        const int r = q / (BN / 4), c = q % (BN / 4) * 4, row = half * (BM / 2) + r;
        if (y_at[row] >= 0 && n0 + c < g.n) {
          done(row, n0 + c, *reinterpret_cast<const float4*>(sums + r * PITCH + c));
        }
      }
    }
  }

  // Piece blockIdx.y of gridDim.y of k. Several pieces leave their sums in scratch memory [pieces][rows][n rounded up to 4].
  __device__ void operate() {
    float acc[TM][TN][4] = {};
    const int slices = (g.k + BK - 1) / BK, each = (slices + gridDim.y - 1) / gridDim.y;
    run_slices(acc, min(slices, static_cast<int>(blockIdx.y) * each), min(slices, static_cast<int>(blockIdx.y + 1) * each));
    if (gridDim.y == 1) {
      const bool wide = g.y_wide<Y>();
      write(acc, [&](int r, int j, float4 sums) { finish4<Y>(g, sums, y_at[r], j, wide); });
    } else {
      const int pitch = (g.n + 3) & -4;
      float* part = g.scratch + static_cast<int64_t>(blockIdx.y) * g.count() * pitch;
      write(acc, [&](int r, int j, float4 sums) { *reinterpret_cast<float4*>(part + static_cast<int64_t>(m0 + r) * pitch + j) = sums; });
    }
  }
};

template <class H, class W, class X, class Y, int BM, int BN, int WM, int WN>
__device__ __forceinline__ void gemm_mma(const GemmCall& g) {
  SYRINX_DYNAMIC_SHARED(memory);
  MmaTile<H, W, X, Y, BM, BN, WM, WN>(g, memory).operate();
}

}  // namespace
