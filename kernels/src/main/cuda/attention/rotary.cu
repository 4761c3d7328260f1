// Rotary position embedding in place. Bound by memory: x is read and written once, four pairs a thread where all rows allow it.
#include "common/machine.cuh"
#include "common/memory.cuh"

// (p, q) ← (p·cos − q·sin, q·cos + p·sin).
__device__ __forceinline__ void turn(float& p, float& q, float cos, float sin) {
  const float before = p;
  p = fmaf(p, cos, -(q * sin));
  q = fmaf(q, cos, before * sin);
}

// W pairs of which `first` and `second` hold halves if the pairs are (i, i + d/2), neighbours if they are (2i, 2i + 1).
template <int W>
__device__ __forceinline__ void turn(Floats<W>& first, Floats<W>& second, bool interleaved, Floats<W> cos, Floats<W> sin) {
  if constexpr (W == 4) {
    if (interleaved) {
      turn(first.at[0], first.at[1], cos.at[0], sin.at[0]);
      turn(first.at[2], first.at[3], cos.at[1], sin.at[1]);
      turn(second.at[0], second.at[1], cos.at[2], sin.at[2]);
      turn(second.at[2], second.at[3], cos.at[3], sin.at[3]);
      return;
    }
  }
#pragma unroll
  for (int k = 0; k < W; k++) {
    turn(first.at[k], second.at[k], cos.at[k], sin.at[k]);
  }
}

// A position outside the table cannot be refused here as the CPU refuses it: its row becomes NaN, and nothing outside the table is read.
template <class T>
__device__ __forceinline__ void turn_all(
    T* __restrict__ x, const int* __restrict__ positions, const float* __restrict__ cos, const float* __restrict__ sin, int heads,
    int interleaved, int x_row, int cos_row, int sin_row, int rows, int entries, int half) {
  with_width(half % 4 == 0 && fours(x, x_row) && fours(cos, cos_row) && fours(sin, sin_row), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(rows, heads * half, [&](int r, int pair) {
      const int head = pair / half;
      const int i = pair - head * half;
      T* p = at(x, r, x_row) + static_cast<int64_t>(head) * 2 * half + (interleaved ? 2 * i : i);
      T* q = p + (interleaved ? W : half);
      const int position = positions[r];
      const bool inside = position >= 0 && position < entries;
      const Floats<W> nan = spread<W>(__int_as_float(0x7fffffff));
      Floats<W> first = load<W>(p);
      Floats<W> second = load<W>(q);
      const Floats<W> c = inside ? load<W>(at(cos, position, cos_row) + i) : nan;
      const Floats<W> s = inside ? load<W>(at(sin, position, sin_row) + i) : nan;
      turn(first, second, interleaved, c, s);
      store(p, first);
      store(q, second);
    });
  });
}

#define ROTARY_ENTRY(name, T)                                                                                                              \
  extern "C" __global__ void __launch_bounds__(256) name(                                                                                  \
      T* x, const int* positions, const float* cos, const float* sin, int heads, int interleaved, int x_row, int cos_row, int sin_row,     \
      int rows, int, int entries, int half, void*) {                                                                                       \
    begin_early(); /* positions and tables are not written by launches */                                                                  \
    turn_all(x, positions, cos, sin, heads, interleaved, x_row, cos_row, sin_row, rows, entries, half);                                    \
  }

ROTARY_ENTRY(rotary, float)
ROTARY_ENTRY(rotary_half, __half)
