// Rows times the row of their run. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/memory.cuh"

// Hazard: y may be x; each thread reads its columns before it writes them.
extern "C" __global__ void __launch_bounds__(256) segment_scale(
    const float* x, const float* __restrict__ m, float* y, int segment, int x_row, int m_row, int y_row, int rows, int d, int, void*) {
  with_width(d % 4 == 0 && fours(x, x_row) && fours(m, m_row) && fours(y, y_row), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(rows, d, [&](int t, int i) {
      const Floats<W> factor = load<W>(at(m, t / segment, m_row) + i);
      store(at(y, t, y_row) + i, map(load<W>(at(x, t, x_row) + i), factor, [](float p, float q) { return p * q; }));
    });
  });
}
