// Rows added before and behind a matrix. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/memory.cuh"

// The numbers of PadMode.java.
enum PadMode { ZERO, REFLECT, EDGE };

// The row of x that stands at `row`, which may lie outside; -1 for zeros.
__device__ __forceinline__ int source(int mode, int row, int rows) {
  if (row >= 0 && row < rows) {
    return row;
  }
  if (mode == REFLECT) {
    return row < 0 ? -row : 2 * (rows - 1) - row;
  }
  return mode == ZERO ? -1 : row < 0 ? 0 : rows - 1;
}

extern "C" __global__ void __launch_bounds__(256) pad_rows(
    const float* __restrict__ x, float* __restrict__ y, int left, int mode, int x_row, int y_row, int rows, int columns, int padded,
    void*) {
  with_width(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(padded, columns, [&](int r, int i) {
      const int from = source(mode, r - left, rows);
      store(at(y, r, y_row) + i, from < 0 ? spread<W>(0) : load<W>(at(x, from, x_row) + i));
    });
  });
}
