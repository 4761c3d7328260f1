// BigVGAN's anti-aliased activation: twice the rate (12 taps), v = u + sin²(u·frequency)·reciprocal, back to the rate (12 taps). The
// vocoder's most frequent operation: 614,400 outputs for each mel frame. See Snake.java for the formula.
//
// Ladder:
//  1. a thread for an output (snake_any below): 12 sines and 84 multiply-adds each, 72 loads from the caches.
//  2. a tile of rows with its halo in shared memory, both planes of v beside it: 2 sines and 24 multiply-adds, but 1 + 12 + 12 shared
//     loads for each output; shared memory serves 32 words a cycle, so those loads alone take as long as the arithmetic. Not built.
//  3. a thread walks down one channel with windows of x, v[2i] and v[2i + 1] in registers, six of each: a row costs one load, 24
//     multiply-adds, two sines of 12 instructions and one store. The loop is unrolled by six, so that the windows turn without moves.
//     Neighbouring threads have neighbouring channels: loads and stores are whole sectors. Loads run six rows ahead of their use. Rows
//     per thread: as many as leave the device full of threads (the grid says how many threads there are); each thread repeats six rows of
//     v at its start.
//     Predicted for 861 frames, 18 activations a stage (529 M outputs, 4.2 GB): memory 1.4 ms; about 56 instructions an output and 15 %
//     repeated, 1.2 ms of issue slots, beside each other; got 1.59 ms for halves, where memory alone would take 0.7 (why was not measured).
//     Counters of 96 channels: 58 % of all issue slots, 73 % while a multiprocessor has work; 25 of 64 warps, memory at 22 %. Two channels a thread, loaded and
//     stored as one word: predicted 8 % less, got 1.65 to 1.70 ms where one channel takes 1.55; not kept. Twice as many threads as run together: 1.70 ms. Nine blocks a multiprocessor instead
//     of eight: 1.51 ms for 1.67 in the vocoder.
#include "common/machine.cuh"

#define TAPS 12
#define WINDOW 6

// v + sin²(v·frequency)·reciprocal with turns = frequency / π as a float and its remainder. v·turns loses its whole part, whose sign the
// square forgets, so that one odd polynomial does: sin(πr) for |r| ≤ ½, a minimax fit made for this file, error 8e-9, 1.3e-7 in floats.
// Good for arguments up to 10⁵; NaN and infinity give NaN.
struct Wave {
  float turns;
  float rest;
  float reciprocal;
};

__device__ __forceinline__ Wave wave(float frequency, float reciprocal) {
  const double turns = frequency * 0.31830988618379067154;
  const float high = static_cast<float>(turns);
  return {high, static_cast<float>(turns - high), reciprocal};
}

__device__ __forceinline__ float snake(float v, Wave w) {
  const float round = 0x1.8p23f;
  const float n = __fsub_rn(fmaf(v, w.turns, round), round);
  const float r = fmaf(v, w.rest, fmaf(v, w.turns, -n));
  const float s = r * r;
  const float p = fmaf(fmaf(fmaf(fmaf(0x1.3f89dp-4f, s, -0x1.32703ep-1f), s, 0x1.466a8p+1f), s, -0x1.4abbd4p+2f), s, 0x1.921fb6p+1f);
  const float sine = p * r;
  return fmaf(sine * sine, w.reciprocal, v);
}

// For halves the device's own sine does: its error, some 2⁻²¹ and 2⁻²⁴ of the argument, is lost in the rounding of the result.
template <class T>
__device__ __forceinline__ float bent(float v, Wave w) {
  if constexpr (sizeof(T) == 2) {
    const float sine = __sinf(v * w.turns);
    return fmaf(sine * sine, w.reciprocal, v);
  } else {
    return snake(v, w);
  }
}

__device__ __forceinline__ float number(float v) { return v; }
__device__ __forceinline__ float number(__half v) { return __half2float(v); }
__device__ __forceinline__ void put(float* p, float v) { *p = v; }
__device__ __forceinline__ void put(__half* p, float v) { *p = __float2half_rn(v); }

template <class T>
struct Channel {
  const T* x;
  int64_t x_row;
  T* y;
  int64_t y_row;
  int t;
  Wave wave;
  float up[TAPS];
  float down[TAPS];
};

// Rows outside the signal repeat its first or last row.
template <bool EDGE, class T>
__device__ __forceinline__ float row(const Channel<T>& c, int i) {
  return number(c.x[(EDGE ? min(max(i, 0), c.t - 1) : i) * c.x_row]);
}

// u[2i] from x[i − 3] … x[i + 2], which begin at w[k] of a window that turns; u[2i + 1] from the six rows one further, in the same way.
__device__ __forceinline__ float doubled(const float (&w)[WINDOW], int k, const float (&up)[TAPS], int odd) {
  float u = up[10 + odd] * w[k % WINDOW];
#pragma unroll
  for (int j = 1; j < WINDOW; j++) {
    u = fmaf(up[10 - 2 * j + odd], w[(k + j) % WINDOW], u);
  }
  return u;
}

// What a thread carries from six rows to the next six: windows of x, v[2i] and v[2i + 1], the rows of x that come next, and the last
// value of v inside the signal.
struct Windows {
  float x[WINDOW];
  float even[WINDOW];
  float odd[WINDOW];
  float next[WINDOW];
  float edge;
};

// v of rows i … i + 5; if WRITES, y of rows i − 3 … i + 2, from where `y` points. With EDGE, rows outside the signal repeat v's first or
// last value and are left out.
template <bool EDGE, bool WRITES, class T>
__device__ __forceinline__ void six(const Channel<T>& c, Windows& w, int i, T* y, bool more) {
  float now[WINDOW];
#pragma unroll
  for (int k = 0; k < WINDOW; k++) {
    now[k] = w.next[k];
  }
  if (more) {
#pragma unroll
    for (int k = 0; k < WINDOW; k++) {
      w.next[k] = row<EDGE>(c, i + 9 + k);
    }
  }
#pragma unroll
  for (int k = 0; k < WINDOW; k++) {
    float e = bent<T>(doubled(w.x, k, c.up, 1), c.wave);
    w.x[k] = now[k];
    float o = bent<T>(doubled(w.x, k + 1, c.up, 0), c.wave);
    if (EDGE) {
      const bool inside = i + k >= 0 && i + k < c.t;
      e = inside ? e : w.edge;
      o = inside ? o : w.edge;
      w.edge = o;
    }
    w.even[k] = e;
    if (WRITES && (!EDGE || i + k - 3 < c.t)) {
      float sum = 0;
#pragma unroll
      for (int j = 0; j < WINDOW; j++) {
        sum = fmaf(c.down[2 * j], w.odd[(k + j) % WINDOW], sum);
        sum = fmaf(c.down[2 * j + 1], w.even[(k + 1 + j) % WINDOW], sum);
      }
      put(y, sum);
      y += c.y_row;
    }
    w.odd[k] = o;
  }
}

// Outputs of rows [first, first + count), count a multiple of six. With EDGE, rows of x may lie outside, and rows of y are left out.
template <bool EDGE, class T>
__device__ __forceinline__ void walk(const Channel<T>& c, int first, int count) {
  Windows w;
  int i = first - 3;
#pragma unroll
  for (int k = 0; k < WINDOW; k++) {
    w.x[k] = row<EDGE>(c, i - 3 + k);
    w.next[k] = row<EDGE>(c, i + 3 + k);
  }
  w.edge = 0;
  if (EDGE && i < 0) {  // v[0], before the walk comes to it
    float start[WINDOW];
#pragma unroll
    for (int k = 0; k < WINDOW; k++) {
      start[k] = row<true>(c, k - 3);
    }
    w.edge = bent<T>(doubled(start, 0, c.up, 1), c.wave);
  }
  six<EDGE, false, T>(c, w, i, nullptr, true);
  T* y = c.y + static_cast<int64_t>(first) * c.y_row;
  for (int done = 0; done < count; done += WINDOW) {
    i += WINDOW;
    six<EDGE, true, T>(c, w, i, y, done + WINDOW < count);
    y += WINDOW * c.y_row;
  }
}

// 12 taps each. The grid has at least as many threads as there are columns.
template <class T>
__device__ __forceinline__ void walks(
    const T* x, const float* __restrict__ frequency, const float* __restrict__ reciprocal, const float* __restrict__ up,
    const float* __restrict__ down, T* y, int x_row, int y_row, int t, int columns) {
  const int64_t thread = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int64_t runs = static_cast<int64_t>(gridDim.x) * blockDim.x / columns;
  const int count = static_cast<int>(((t + runs - 1) / runs + WINDOW - 1) / WINDOW * WINDOW);
  const int64_t first = thread / columns * count;
  const int column = static_cast<int>(thread % columns);
  if (first >= t) {
    return;
  }
  Channel<T> c = {x + column, x_row, y + column, y_row, t, wave(frequency[column], reciprocal[column])};
  if (sizeof(T) == 2) {
    c.wave.turns = frequency[column];
  }
#pragma unroll
  for (int k = 0; k < TAPS; k++) {
    c.up[k] = 2 * up[k];
    c.down[k] = down[k];
  }
  if (first >= 6 && first + count + 6 <= t) {
    walk<false>(c, static_cast<int>(first), count);
  } else {
    walk<true>(c, static_cast<int>(first), count);
  }
}

// Any number of taps: every output by itself.
template <class T>
__device__ __forceinline__ void each(
    const T* x, const float* __restrict__ frequency, const float* __restrict__ reciprocal, const float* __restrict__ up,
    const float* __restrict__ down, T* y, int x_row, int y_row, int t, int columns, int up_taps, int down_taps) {
  const int64_t item = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (item >= static_cast<int64_t>(t) * columns) {
    return;
  }
  const int64_t m = item / columns;
  const int column = static_cast<int>(item % columns);
  const Wave factors = wave(frequency[column], reciprocal[column]);
  float sum = 0;
  for (int k = 0; k < down_taps; k++) {
    const int64_t n = min(max(2 * m + k - (down_taps / 2 - 1), int64_t{0}), 2 * static_cast<int64_t>(t) - 1);
    const int64_t reach = n + up_taps / 2 - 1;
    float u = 0;
    for (int j = reach % 2; j < up_taps; j += 2) {
      const int64_t from = min(max((reach - j) / 2, int64_t{0}), static_cast<int64_t>(t) - 1);
      u = fmaf(2 * up[j], number(x[from * x_row + column]), u);
    }
    sum = fmaf(down[k], snake(u, factors), sum);
  }
  put(y + m * y_row + column, sum);
}

#define SNAKE_ENTRIES(suffix, T)                                                                                                           \
  extern "C" __global__ void __launch_bounds__(128) snake_12##suffix(                                                                      \
      const T* x, const float* frequency, const float* reciprocal, const float* up, const float* down, T* y, int x_row, int y_row, int t,  \
      int columns, int, int, void*) {                                                                                                      \
    begin_early();                                                                                                                         \
    walks(x, frequency, reciprocal, up, down, y, x_row, y_row, t, columns);                                                                \
  }                                                                                                                                        \
  extern "C" __global__ void __launch_bounds__(256) snake_any##suffix(                                                                     \
      const T* x, const float* frequency, const float* reciprocal, const float* up, const float* down, T* y, int x_row, int y_row, int t,  \
      int columns, int up_taps, int down_taps, void*) {                                                                                    \
    begin_early();                                                                                                                         \
    each(x, frequency, reciprocal, up, down, y, x_row, y_row, t, columns, up_taps, down_taps);                                             \
  }

SNAKE_ENTRIES(, float)
SNAKE_ENTRIES(_half, __half)
