// Rows scaled to one length: one pass over memory, one over the first-level cache. Rows of the codec's 8 columns share a warp.
#include "norm/row.cuh"

template <int G>
__device__ __forceinline__ void l2_norm(const float* x, const float* weight, float* y, float scale, float eps, int x_row, int y_row, int rows, int columns) {
  with_whole(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight), [&](auto whole) {
    constexpr bool W = whole.value;
    for_rows<G>(rows, columns, [&](int64_t row, int own) {
      const float length = sqrtf(squares<G, W>(at(x, row, x_row), own));
      const float factor = scale / (length < eps ? eps : length);  // NaN stays
      finish<G, W>(at(x, row, x_row), 0.0f, 0.0f, factor, weight, nullptr, at(y, row, y_row), own);
    });
  });
}

ROW_ENTRIES(l2_norm, (const float* x, const float* weight, float* y, float scale, float eps, int x_row, int y_row, int rows, int columns, void*),
            x, weight, y, scale, eps, x_row, y_row, rows, columns)
