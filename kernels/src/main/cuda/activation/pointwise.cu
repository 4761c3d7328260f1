// y = act(x·scale + shift). Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/activation.cuh"
#include "common/machine.cuh"
#include "common/memory.cuh"

// Hazard: y may be x; each thread reads its columns before it writes them.
template <class X, class Y>
__device__ __forceinline__ void activate_all(
    const X* x, const float* scale, const float* shift, Y* y, int activation, int x_row, int y_row, int rows, int columns) {
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

#define POINTWISE_ENTRY(name, X, Y)                                                                                                           \
  extern "C" __global__ void __launch_bounds__(256) name(                                                                                     \
      const X* x, const float* scale, const float* shift, Y* y, int activation, int x_row, int y_row, int rows, int columns, void*) {         \
    begin_early();                                                                                                                            \
    activate_all(x, scale, shift, y, activation, x_row, y_row, rows, columns);                                                                \
  }

POINTWISE_ENTRY(pointwise, float, float)
POINTWISE_ENTRY(pointwise_half_float, __half, float)
POINTWISE_ENTRY(pointwise_float_half, float, __half)
POINTWISE_ENTRY(pointwise_half_half, __half, __half)
