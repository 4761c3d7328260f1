// How tiles of warpgroups walk over k: chunks of at most 64 channels, and within a chunk the taps of a convolution, which share the chunk's rows of x: tap
// t reads the rows t·dilation further down.
#pragma once
#include "gemm/call.cuh"

namespace {

// Channels that follow each other: all taps' at once if there are few or the taps share no rows, else one tap's. As in GemmMma.java.
__device__ __forceinline__ int run_of(const GemmCall& g) {
  const int run = g.k / g.taps;
  const bool shared = g.x_row > 0 && g.x_tap > 0 && g.x_tap % g.x_row == 0 && (g.taps - 1) * (g.x_tap / g.x_row) <= 128;
  return g.taps == 1 || (g.x_tap == run && (!shared || run < 64)) ? g.k : run;
}

// Where the next slice goes, in a ring of places that several walks may follow each other through.
struct Ring {
  int stage = 0, x_stage = -1;
  uint32_t phase = 0;
};

struct TapWalk {
  static constexpr int BK = 64;

  const int run, taps, dilation;
  const int x_rows, x_pitch;  // of x for a tile: all, and with those behind them that make whole groups of eight
  const int chunks, size;     // of a tap; channels of a chunk, of which the last may have fewer

  __device__ TapWalk(const GemmCall& g, int rows)
      : run(run_of(g)),
        taps(g.k / run),
        dilation(taps == 1 ? 0 : g.x_tap / g.x_row),
        x_rows(rows + (taps - 1) * dilation),
        x_pitch((x_rows + 7) & -8),
        chunks((run + BK - 1) / BK),
        size(((run + chunks - 1) / chunks + 15) & -16) {}

  // Slices of all taps of chunks first to last - 1, in order, as they pass through `stages` places: f(place, its phase, chunk, tap).
  template <class F>
  __device__ __forceinline__ void each_slice(int first, int last, int stages, F f) const {
    Ring ring;
    each_slice(first, last, stages, ring, f);
  }

  template <class F>
  __device__ __forceinline__ void each_slice(int first, int last, int stages, Ring& ring, F f) const {
#pragma unroll 1
    for (int chunk = first; chunk < last; chunk++) {
#pragma unroll 1
      for (int tap = 0; tap < taps; tap++) {
        f(ring.stage, ring.phase, chunk, tap);
        if (++ring.stage == stages) {
          ring.stage = 0;
          ring.phase ^= 1;
        }
      }
    }
  }
};

}  // namespace
