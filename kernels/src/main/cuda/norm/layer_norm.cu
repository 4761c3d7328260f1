// Layer normalisation of each row.
//
// Ladder:
//  1. three passes over memory.
//  2. a warp for a row (a block for more than 1024 columns): one pass over memory, the other two over the first-level cache; weight and
//     bias wait for the sums. [1, 1280] 1.9 us, [1291, 512] 3.9 us, [749, 1024] 6.9 us, 1.3 us of each a launch.
//  3. the row, its weight and its bias in registers, all on their way at once: one wait for memory instead of three; a block for more than
//     512 columns. Predicted: 1.6 us, 3 us, 3.5 us; got: not measured.
//
// The mean is a float and its remainder, found in the second pass: no cancellation where rows lie far from zero, and no double
// arithmetic, which is slow on devices for graphics.
#include "norm/row.cuh"

template <int G, class Y>
__device__ __forceinline__ void layer_norm(
    const float* x, const float* weight, const float* bias, Y* y, float eps, int x_row, int y_row, int rows, int columns) {
  const bool whole = columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight) && fours(bias);
  with_row<G>(whole, columns, [&](auto type) {
    typename decltype(type)::type row(weight, bias, columns);
    for_rows<G>(rows, [&](int64_t r, bool there) {
      row.read(at(x, r, x_row), there);
      float sum = 0;
      row.each([&](float4 v, int) { sum += sum4(v); });
      const float mean = group_sum<G>(sum) / columns;
      float off = 0;
      float squares = 0;
      row.each([&](float4 v, int n) {
        const float4 d = apart(v, mean, n);
        off += sum4(d);
        squares += squares4(d);
      });
      off = group_sum<G>(off);
      const float rest = off / columns;
      const float factor = 1.0f / sqrtf(fmaf(-off, rest, group_sum<G>(squares)) / columns + eps);
      row.write(at(y, r, y_row), [&](float4 v) { return times(minus(minus(v, mean), rest), factor); });
    });
  });
}

ROW_ENTRIES_OF(layer_norm, ,
               (const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns,
                void*),
               x, weight, bias, y, eps, x_row, y_row, rows, columns)
ROW_ENTRIES_OF(layer_norm, _half,
               (const float* x, const float* weight, const float* bias, __half* y, float eps, int x_row, int y_row, int rows, int columns,
                void*),
               x, weight, bias, y, eps, x_row, y_row, rows, columns)
