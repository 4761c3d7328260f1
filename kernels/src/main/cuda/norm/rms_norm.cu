// Root mean square normalisation of each row: layer_norm.cu without the mean.
#include "norm/row.cuh"

template <int G, class Y>
__device__ __forceinline__ void rms_norm(
    const float* x, const float* weight, const float* bias, Y* y, float eps, int x_row, int y_row, int rows, int columns) {
  const bool whole = columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(weight) && fours(bias);
  with_row<G>(whole, columns, [&](auto type) {
    typename decltype(type)::type row(weight, bias, columns);
    for_rows<G>(rows, [&](int64_t r, bool there) {
      row.read(at(x, r, x_row), there);
      const float factor = 1.0f / sqrtf(squares<G>(row) / columns + eps);
      row.write(at(y, r, y_row), [&](float4 v) { return times(v, factor); });
    });
  });
}

ROW_ENTRIES_OF(rms_norm, ,
               (const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int rows, int columns,
                void*),
               x, weight, bias, y, eps, x_row, y_row, rows, columns)
ROW_ENTRIES_OF(rms_norm, _half,
               (const float* x, const float* weight, const float* bias, __half* y, float eps, int x_row, int y_row, int rows, int columns,
                void*),
               x, weight, bias, y, eps, x_row, y_row, rows, columns)
