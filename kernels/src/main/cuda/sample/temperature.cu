// Scores over temperature, divided, not multiplied by the inverse: the bits are the specification's.
#include "common/quads.cuh"

extern "C" __global__ void __launch_bounds__(256) temperature(float* x, float temperature, int x_row, int rows, int d, void*) {
  const bool aligned = aligned4(x, x_row);
  for_quads(rows, d, [&](int row, int c, int n) {
    float* at = x + static_cast<int64_t>(row) * x_row + c;
    store4(at, map4(load4(at, n, aligned), [&](float v) { return v / temperature; }), n, aligned);
  });
}
