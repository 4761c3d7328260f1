// y = gate(x's left half + shift, x's right half + shift). Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/activation.cuh"
#include "common/memory.cuh"

template <class T>
__device__ __forceinline__ void gated_units(
    const T* __restrict__ x, const float* __restrict__ shift, T* __restrict__ y, int gate, int x_row, int y_row, int rows, int d) {
  with_width(d % 4 == 0 && fours(x, x_row) && fours(y, y_row) && fours(shift), [&](auto width) {
    constexpr int W = width.value;
    with_gate(gate, [&](auto function) {
      for_columns<W>(rows, d, [&](int t, int i) {
        const auto add = [](float p, float q) { return p + q; };
        const T* row = at(x, t, x_row) + i;
        const Floats<W> first = map(load<W>(row), load_or<W>(shift, i, 0.0f), add);
        const Floats<W> second = map(load<W>(row + d), load_or<W>(shift, d + i, 0.0f), add);
        store(at(y, t, y_row) + i, map(first, second, gated<function.value>));
      });
    });
  });
}

#define GATED_ENTRY(name, T)                                                                                                     \
  extern "C" __global__ void __launch_bounds__(256) name(                                                                        \
      const T* x, const float* shift, T* y, int gate, int x_row, int y_row, int rows, int, int d, void*) {                       \
    gated_units(x, shift, y, gate, x_row, y_row, rows, d);                                                                       \
  }

GATED_ENTRY(gated_unit, float)
GATED_ENTRY(gated_unit_half, __half)
