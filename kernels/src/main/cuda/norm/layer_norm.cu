// Layer normalisation of each row.
//
// Ladder:
//  1. three passes over memory.
//  2. a warp for a row (a block for a wide one): one pass over memory, the other two over the first-level cache.
//     Predicted: [1291, 512] moves 5.3 MB, 1.7 us and a launch; got: not measured.
//
// The mean is a float and its remainder, found in the second pass: no cancellation where rows lie far from zero, and no double arithmetic, which is slow on
// devices for graphics.
#include "norm/row.cuh"

template <int G>
__device__ __forceinline__ void layer_norm(
    const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns) {
  with_whole(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight) && fours(bias), [&](auto whole) {
    constexpr bool W = whole.value;
    for_rows<G>(rows, columns, [&](int64_t row, int own) {
      const float* from = at(x, row, x_row);
      float sum = 0;
      for_own_quads<G>(own, [&](int i, int n) { sum += sum4(quad<W>(from + i, n, 0.0f)); });
      const float mean = group_sum<G>(sum) / columns;
      float apart = 0;
      float squares = 0;
      for_own_quads<G>(own, [&](int i, int n) {
        const float4 d = minus(quad<W>(from + i, n, mean), mean);
        apart += sum4(d);
        squares += squares4(d);
      });
      apart = group_sum<G>(apart);
      const float rest = apart / columns;
      const float variance = (group_sum<G>(squares) - apart * rest) / columns;
      finish<G, W>(from, mean, rest, 1.0f / sqrtf(variance + eps), weight, bias, at(y, row, y_row), own);
    });
  });
}

ROW_ENTRIES(layer_norm, (const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns, void*),
            x, weight, bias, y, eps, x_row, y_row, rows, columns)
