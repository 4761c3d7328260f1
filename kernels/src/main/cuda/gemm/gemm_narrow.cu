// Convolutions over few channels in half precision, on tensor cores (mma.sync): all weights of the layer stay in shared memory, and so do
// the rows of x that a tile's taps share; nothing waits between taps.
//
// Ladder (220416 rows, 24 to 24 channels, 11 taps, H100; 3.1 GFLOP, 32 MB to and from memory: floor 11 us):
//   warpgroups, a slice of w for each tap                                   predicted  90 us    got 60.7 us   24 of 32 columns and 24 of 32 k
//   weights as fragments, rows at a pitch that hits all banks once          predicted  20 us    got 29.4 us   no column and at most 8 of k wasted
//   residuals of three runs on their way together                           predicted  22 us    got 28.3 us
#include "gemm/call.cuh"

namespace {

constexpr int THREADS = 256, ROWS = 256;  // of a block: 32 rows for each warp

// RUNS runs of eight channels, for inputs and for outputs.
template <class Y, int RUNS>
struct Narrow {
  static constexpr int CHANNELS = 8 * RUNS;
  static constexpr int PITCH = 16 * (RUNS | 1);            // bytes between rows of x: an odd number of runs
  static constexpr int STEP = RUNS * 32 * 8;               // bytes of the weights' fragments for 16 of k
  static constexpr int SUMS = CHANNELS + (RUNS > 3 ? 4 : 0);  // floats between rows of sums: as many as fit where x was
  static_assert(16 * SUMS * 4 * (THREADS / 32) <= ROWS * PITCH, "16 rows of sums of each warp fit where x was");

  const GemmCall& g;
  unsigned char* memory;  // fragments [steps][RUNS][32][8], 16 bytes of zeros, x [ROWS + reach][PITCH]
  const int runs, steps, dilation, reach, lane, warp;  // runs: of k
  unsigned char *zeros, *x;

  __device__ Narrow(const GemmCall& call, unsigned char* shared)
      : g(call),
        memory(shared),
        runs(call.taps * RUNS),
        steps((runs + 1) / 2),
        dilation(call.x_tap / call.x_row),
        reach((call.taps - 1) * dilation),
        lane(threadIdx.x % 32),
        warp(threadIdx.x / 32),
        zeros(shared + steps * STEP),
        x(zeros + 16) {
    place_weights();
  }

  // Fragment of step s and outputs 8 j to 8 j + 7: lane l has k = 2 (l % 4) and the next, and those 8 further, of output l / 4.
  __device__ void place_weights() {
    const __half* w = static_cast<const __half*>(g.w);
    for (int i = threadIdx.x; i < steps * RUNS * 32; i += THREADS) {
      const int l = i % 32, j = i / 32 % RUNS, k = i / 32 / RUNS * 16 + l % 4 * 2, n = 8 * j + l / 4;
      uint32_t two[2];
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int at = k + 8 * half;
        const __half* from = w + static_cast<int64_t>(n) * g.w_stride + at;
        const float low = n < g.n && at < g.k ? __half2float(from[0]) : 0.0f, high = n < g.n && at + 1 < g.k ? __half2float(from[1]) : 0.0f;
        two[half] = pack<__half>(low, high);
      }
      *reinterpret_cast<uint2*>(memory + i * 8) = make_uint2(two[0], two[1]);
    }
    if (threadIdx.x < 4) {
      *reinterpret_cast<uint32_t*>(zeros + threadIdx.x * 4) = 0;
    }
  }

  // Rows row0 on of a batch, and those that the last row's taps reach.
  __device__ void fetch(int64_t start, int row0) const {
    const __half* from = reinterpret_cast<const __half*>(g.x) + start;
    const bool wide = aligned(from, 16) && (g.x_row & 7) == 0;
    for (int i = threadIdx.x; i < (ROWS + reach) * RUNS; i += THREADS) {
      const int r = i / RUNS, c = i % RUNS * 8;
      const bool there = row0 + r < g.rows + reach;
      const __half* p = from + static_cast<int64_t>(row0 + r) * g.x_row + c;
      unsigned char* to = x + r * PITCH + c * 2;
      if (wide) {
        copy16(to, there ? p : from, there ? 16 : 0);
      } else {
        alignas(16) __half eight[8];
#pragma unroll
        for (int e = 0; e < 8; e++) {
          eight[e] = there ? p[e] : __half(0.0f);
        }
        *reinterpret_cast<uint4*>(to) = *reinterpret_cast<uint4*>(eight);
      }
    }
    copy_commit();
    copy_wait<0>();
  }

  __device__ void multiply_all(float (&acc)[2][RUNS][4]) const {
    const unsigned char* own = x + (warp * 32 + lane % 16) * PITCH;
#pragma unroll 2
    for (int s = 0; s < steps; s++) {
      const int run = 2 * s + lane / 16, tap = run / RUNS;
      const unsigned char* row = run < runs ? own + tap * dilation * PITCH + (run - tap * RUNS) * 16 : zeros;
      uint32_t a[2][4];
      load_fragments(a[0], row);
      load_fragments(a[1], run < runs ? row + 16 * PITCH : zeros);
      const uint2* w = reinterpret_cast<const uint2*>(memory + s * STEP) + lane;
#pragma unroll
      for (int j = 0; j < RUNS; j++) {
        const uint2 b = w[j * 32];
        multiply(acc[0][j], a[0], b.x, b.y, __half());
        multiply(acc[1][j], a[1], b.x, b.y, __half());
      }
    }
  }

  // 16 rows of each warp at a time by way of shared memory, so that rows are written as they lie.
  __device__ void write(const float (&acc)[2][RUNS][4], int64_t start, int row0) const {
    float* sums = reinterpret_cast<float*>(x) + warp * 16 * SUMS;
#pragma unroll
    for (int i = 0; i < 2; i++) {
      __syncwarp();
#pragma unroll
      for (int j = 0; j < RUNS; j++) {
        float* at = sums + lane / 4 * SUMS + j * 8 + lane % 4 * 2;
        *reinterpret_cast<float2*>(at) = make_float2(acc[i][j][0], acc[i][j][1]);
        *reinterpret_cast<float2*>(at + 8 * SUMS) = make_float2(acc[i][j][2], acc[i][j][3]);
      }
      __syncwarp();
      finish_all<Y, 3>(g, 16 * CHANNELS / 4, lane, 32, [&](int q, const float*& from, int64_t& place, int& column) {
        const int r = q / (CHANNELS / 4), row = row0 + warp * 32 + i * 16 + r;
        column = q % (CHANNELS / 4) * 4;
        from = sums + r * SUMS + column;
        place = start + static_cast<int64_t>(row) * g.y_row;
        return row < g.rows && column < g.n;
      });
    }
  }

  __device__ void operate() {
    const int each = (g.rows + ROWS - 1) / ROWS;
#pragma unroll 1
    for (int tile = blockIdx.x; tile < g.batch * each; tile += gridDim.x) {
      const int b = tile / each, row0 = (tile - b * each) * ROWS;
      __syncthreads();  // the weights are there; all are done with the sums of the tile before
      fetch(static_cast<int64_t>(b) * g.x_batch, row0);
      __syncthreads();
      float acc[2][RUNS][4] = {};
      multiply_all(acc);
      __syncthreads();
      write(acc, static_cast<int64_t>(b) * g.y_batch, row0);
    }
  }
};

template <class Y, int RUNS>
__device__ __forceinline__ void gemm_narrow(const GemmCall& g) {
  SYRINX_DYNAMIC_SHARED(memory);
  Narrow<Y, RUNS>(g, memory).operate();
}

}  // namespace

GEMM_ENTRY(gemm_narrow_hh_24, THREADS, 2, gemm_narrow<__half, 3>)
GEMM_ENTRY(gemm_narrow_hf_24, THREADS, 2, gemm_narrow<float, 3>)
GEMM_ENTRY(gemm_narrow_hh_48, THREADS, 2, gemm_narrow<__half, 6>)
GEMM_ENTRY(gemm_narrow_hf_48, THREADS, 2, gemm_narrow<float, 6>)
