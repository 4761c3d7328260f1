// y = act(x·scale + shift). Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/activation.cuh"
#include "common/memory.cuh"

// Hazard: y may be x; each thread reads its columns before it writes them.
extern "C" __global__ void __launch_bounds__(256) pointwise(
    const float* x, const float* scale, const float* shift, float* y, int activation, int x_row, int y_row, int rows, int columns, void*) {
  with_width(columns % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(scale) && fours(shift), [&](auto width) {
    constexpr int W = width.value;
    with_activation(activation, [&](auto function) {
      for_columns<W>(rows, columns, [&](int t, int i) {
        const Floats<W> v = fma(load<W>(at(x, t, x_row) + i), load_or<W>(scale, i, 1.0f), load_or<W>(shift, i, 0.0f));
        store(at(y, t, y_row) + i, map(v, activate<function.value>));
      });
    });
  });
}
