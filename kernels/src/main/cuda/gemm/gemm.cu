// Product in exact float32 arithmetic, whatever the weights' type: every sum runs over k in order, so that it does not depend on how many rows there are.
//
// Ladder (2582x1536x512, float weights, H100; 4.06 GFLOP, 66.9 TFLOP/s of FMA: floor 61 us):
//   one thread per output, no reuse               predicted  1.5 ms    got -
//   tiles in shared memory, 8x8 sums per thread   predicted  110 us    got -      16 loads of 16 bytes from shared memory per 256 FMA
//   slices copied while the one before is summed  predicted   90 us    got -
#include "gemm/call.cuh"

// BM x BN outputs of a block of 16x16 threads. Thread (tx, ty) sums rows ty + 16 i and columns tx + 16 j: consecutive threads read consecutive rows of the tiles in
// shared memory, which lie PITCH floats apart, so that eight 16-byte reads hit all banks once.
template <class W, int TM, int TN>
struct FloatTile {
  static constexpr int BM = 16 * TM, BN = 16 * TN, BK = 16, PITCH = BK + 4, THREADS = 256;
  static constexpr int STAGE = (BM + BN) * PITCH;
  static constexpr bool FLOAT = sizeof(W) == 4;
  static_assert(FLOAT || TN == 4, "narrow weights: four neighbours for each thread");

  struct Shared {
    float tiles[2 * STAGE];
    int64_t x_at[BM];  // -1: no such row
    int64_t y_at[BM];
  };

  const GemmCall& g;
  Shared& s;
  const int m0, n0, run;
  const bool x_wide, w_wide;

  __device__ FloatTile(const GemmCall& call, Shared& shared)
      : g(call),
        s(shared),
        m0(static_cast<int>(blockIdx.x / ((call.n + BN - 1) / BN)) * BM),
        n0(static_cast<int>(blockIdx.x % ((call.n + BN - 1) / BN)) * BN),
        run(call.run()),
        x_wide(aligned(call.x, 16) && ((run | call.x_tap | call.x_row | call.x_batch) & 3) == 0),
        w_wide(aligned(call.w, 4 * sizeof(W)) && (call.w_stride & 3) == 0) {
    for (int r = threadIdx.x; r < BM; r += THREADS) {
      const bool there = m0 + r < g.count();
      s.x_at[r] = there ? g.x_at(m0 + r) : -1;
      s.y_at[r] = there ? g.y_at(m0 + r) : -1;
    }
    __syncthreads();
  }

  __device__ float* x_tile(int stage) { return s.tiles + stage * STAGE; }
  __device__ float* w_tile(int stage) { return s.tiles + stage * STAGE + BM * PITCH; }

  // Input kk of the row at `start`.
  __device__ const float* input(int64_t start, int kk) const {
    const int tap = kk / run;
    return g.x + start + static_cast<int64_t>(tap) * g.x_tap + (kk - tap * run);
  }

  __device__ void copy_x(int k0, int stage) {
    float* tile = x_tile(stage);
    if (x_wide) {
      for (int q = threadIdx.x; q < BM * 4; q += THREADS) {
        const int r = q / 4, kk = k0 + q % 4 * 4;
        const bool there = s.x_at[r] >= 0 && kk < g.k;
        copy16(tile + r * PITCH + q % 4 * 4, there ? input(s.x_at[r], kk) : g.x, there ? 16 : 0);
      }
    } else {
      for (int q = threadIdx.x; q < BM * BK; q += THREADS) {
        const int r = q / BK, kk = k0 + q % BK;
        const bool there = s.x_at[r] >= 0 && kk < g.k;
        copy4(tile + r * PITCH + q % BK, there ? input(s.x_at[r], kk) : g.x, there);
      }
    }
  }

  __device__ void copy_w(int k0, int stage) {
    const float* w = static_cast<const float*>(g.w);
    float* tile = w_tile(stage);
    if (w_wide) {
      for (int q = threadIdx.x; q < BN * 4; q += THREADS) {
        const int r = q / 4, kk = k0 + q % 4 * 4;
        const int bytes = n0 + r < g.n ? max(0, min(16, 4 * (g.k - kk))) : 0;
        copy16(tile + r * PITCH + q % 4 * 4, bytes > 0 ? w + static_cast<int64_t>(n0 + r) * g.w_stride + kk : w, bytes);
      }
    } else {
      for (int q = threadIdx.x; q < BN * BK; q += THREADS) {
        const int r = q / BK, kk = k0 + q % BK;
        const bool there = n0 + r < g.n && kk < g.k;
        copy4(tile + r * PITCH + q % BK, there ? w + static_cast<int64_t>(n0 + r) * g.w_stride + kk : w, there);
      }
    }
  }

  // Narrow weights go through registers: four of one row for each thread.
  struct alignas(4 * sizeof(W)) Four {
    W v[4];
  };

  __device__ Four read_w(int k0) const {
    const W* w = static_cast<const W*>(g.w);
    const int r = threadIdx.x / 4, kk = k0 + threadIdx.x % 4 * 4;
    Four four = {};
    if (n0 + r < g.n) {
      const W* from = w + static_cast<int64_t>(n0 + r) * g.w_stride + kk;
      if (w_wide && kk + 4 <= g.k) {
        return *reinterpret_cast<const Four*>(from);
      }
#pragma unroll
      for (int i = 0; i < 4; i++) {
        if (kk + i < g.k) {
          four.v[i] = from[i];
        }
      }
    }
    return four;
  }

  __device__ void write_w(const Four& four, int stage) {
    *reinterpret_cast<float4*>(w_tile(stage) + threadIdx.x / 4 * PITCH + threadIdx.x % 4 * 4) =
        make_float4(widen(four.v[0]), widen(four.v[1]), widen(four.v[2]), widen(four.v[3]));
  }

  __device__ void sum(float (&acc)[TM][TN], int stage) {
    const float* x = x_tile(stage) + threadIdx.x / 16 * PITCH;
    const float* w = w_tile(stage) + threadIdx.x % 16 * PITCH;
#pragma unroll
    for (int kk = 0; kk < BK; kk += 4) {
      float4 b[TN];
#pragma unroll
      for (int j = 0; j < TN; j++) {
        b[j] = *reinterpret_cast<const float4*>(w + j * 16 * PITCH + kk);
      }
#pragma unroll
      for (int i = 0; i < TM; i++) {
        const float4 a = *reinterpret_cast<const float4*>(x + i * 16 * PITCH + kk);
#pragma unroll
        for (int j = 0; j < TN; j++) {
          acc[i][j] = fmaf(a.w, b[j].w, fmaf(a.z, b[j].z, fmaf(a.y, b[j].y, fmaf(a.x, b[j].x, acc[i][j]))));
        }
      }
    }
  }

  // Half of the rows at a time through shared memory: the activations' code is there once, and the stores follow each other.
  __device__ void write(const float (&acc)[TM][TN]) {
#pragma unroll
    for (int half = 0; half < 2; half++) {
      __syncthreads();
#pragma unroll
      for (int i = 0; i < TM / 2; i++) {
#pragma unroll
        for (int j = 0; j < TN; j++) {
          s.tiles[(threadIdx.x / 16 + 16 * i) * BN + threadIdx.x % 16 + 16 * j] = acc[half * (TM / 2) + i][j];
        }
      }
      __syncthreads();
#pragma unroll 1
      for (int e = threadIdx.x; e < BM / 2 * BN; e += THREADS) {
        const int64_t place = s.y_at[half * (BM / 2) + e / BN];
        if (place >= 0 && n0 + e % BN < g.n) {
          finish(g, s.tiles[e], place, n0 + e % BN);
        }
      }
    }
  }

  __device__ void operate() {
    float acc[TM][TN] = {};
    const int slices = (g.k + BK - 1) / BK;
    copy_x(0, 0);
    if constexpr (FLOAT) {
      copy_w(0, 0);
    } else {
      write_w(read_w(0), 0);
    }
    copy_commit();
#pragma unroll 1
    for (int slice = 0; slice < slices; slice++) {
      copy_wait<0>();
      __syncthreads();  // the slice is there for all, and all are done with the one before
      const bool more = slice + 1 < slices;
      [[maybe_unused]] Four next;
      if (more) {
        copy_x((slice + 1) * BK, (slice + 1) & 1);
        if constexpr (FLOAT) {
          copy_w((slice + 1) * BK, (slice + 1) & 1);
        } else {
          next = read_w((slice + 1) * BK);
        }
        copy_commit();
      }
      sum(acc, slice & 1);
      if constexpr (!FLOAT) {
        if (more) {
          write_w(next, (slice + 1) & 1);
        }
      }
    }
    write(acc);
  }
};

template <class W, int TM, int TN>
__device__ __forceinline__ void gemm_tile(const GemmCall& g) {
  __shared__ typename FloatTile<W, TM, TN>::Shared shared;
  FloatTile<W, TM, TN>(g, shared).operate();
}

GEMM_ENTRY(gemm_f32_128x128, 256, 1, gemm_tile<float, 8, 8>)
GEMM_ENTRY(gemm_f32_128x64, 256, 2, gemm_tile<float, 8, 4>)
GEMM_ENTRY(gemm_f32_64x64, 256, 2, gemm_tile<float, 4, 4>)
GEMM_ENTRY(gemm_f32_128x32, 256, 2, gemm_tile<float, 8, 2>)
GEMM_ENTRY(gemm_f16_128x64, 256, 2, gemm_tile<__half, 8, 4>)
GEMM_ENTRY(gemm_bf16_128x64, 256, 2, gemm_tile<__nv_bfloat16, 8, 4>)
GEMM_ENTRY(gemm_i8_128x64, 256, 2, gemm_tile<int8_t, 8, 4>)
