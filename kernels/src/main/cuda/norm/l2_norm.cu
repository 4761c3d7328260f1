// Rows scaled to one length: layer_norm.cu without the mean. Eight rows of the codec's 8 columns share a warp.
#include "norm/row.cuh"

template <int G>
__device__ __forceinline__ void l2_norm(
    const float* x, const float* weight, float* y, float scale, float eps, int x_row, int y_row, int rows, int columns) {
  const bool whole = columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight);
  with_row<G>(whole, columns, [&](auto type) {
    typename decltype(type)::type row(weight, nullptr, columns);
    for_rows<G>(rows, [&](int64_t r, bool there) {
      row.read(at(x, r, x_row), there);
      const float length = sqrtf(squares<G>(row));
      const float factor = scale / (length < eps ? eps : length);  // NaN stays
      row.write(at(y, r, y_row), [&](float4 v) { return times(v, factor); });
    });
  });
}

ROW_ENTRIES_OF(l2_norm, ,
            (const float* x, const float* weight, float* y, float scale, float eps, int x_row, int y_row, int rows, int columns, void*),
            x, weight, y, scale, eps, x_row, y_row, rows, columns)
