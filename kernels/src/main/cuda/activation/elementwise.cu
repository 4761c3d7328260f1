// y = a·x + b·z + c. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/memory.cuh"

// A factor of 0 drops its term, even where the term is not finite: the factors are the same for all threads, so the branches cost nothing.
// Hazard: y may be x or z; each thread reads its four elements before it writes them.
extern "C" __global__ void __launch_bounds__(256)
    elementwise(const float* x, const float* z, float* y, float a, float b, float c, int x_row, int z_row, int y_row, int rows, int columns, void*) {
  const bool use_x = a != 0;
  const bool use_z = b != 0;
  const bool aligned = aligned4(y, y_row) && (!use_x || aligned4(x, x_row)) && (!use_z || aligned4(z, z_row));
  for_quads(rows, columns, [&](int t, int i, int n) {
    float4 v = make_float4(c, c, c, c);
    if (use_z) {
      v = map4(load4(z + static_cast<int64_t>(t) * z_row + i, n, aligned), v, [&](float p, float q) { return fmaf(b, p, q); });
    }
    if (use_x) {
      v = map4(load4(x + static_cast<int64_t>(t) * x_row + i, n, aligned), v, [&](float p, float q) { return fmaf(a, p, q); });
    }
    store4(y + static_cast<int64_t>(t) * y_row + i, v, n, aligned);
  });
}
