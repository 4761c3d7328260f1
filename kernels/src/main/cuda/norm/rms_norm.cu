// Root mean square normalisation of each row: one pass over memory, one over the first-level cache.
#include "norm/row.cuh"

template <int G>
__device__ __forceinline__ void rms_norm(
    const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns) {
  with_whole(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight) && fours(bias), [&](auto whole) {
    constexpr bool W = whole.value;
    for_rows<G>(rows, columns, [&](int64_t row, int own) {
      const float factor = 1.0f / sqrtf(squares<G, W>(at(x, row, x_row), own) / columns + eps);
      finish<G, W>(at(x, row, x_row), 0.0f, 0.0f, factor, weight, bias, at(y, row, y_row), own);
    });
  });
}

ROW_ENTRIES(rms_norm, (const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns, void*),
            x, weight, bias, y, eps, x_row, y_row, rows, columns)
