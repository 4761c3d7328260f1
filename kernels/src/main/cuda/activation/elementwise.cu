// y = a·x + b·z + c. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/machine.cuh"
#include "common/memory.cuh"

// A factor of 0 drops its term, even where the term is not finite: the factors are the same for all threads, so the branches cost nothing.
// Hazard: y may be x or z; each thread reads its columns before it writes them.
template <class T>
__device__ __forceinline__ void combine(
    const T* x, const T* z, T* y, float a, float b, float c, int x_row, int z_row, int y_row, int rows, int columns) {
  const bool use_x = a != 0;
  const bool use_z = b != 0;
  with_width(columns % 4 == 0 && fours(y, y_row) && (!use_x || fours(x, x_row)) && (!use_z || fours(z, z_row)), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(rows, columns, [&](int t, int i) {
      const Floats<W> u = use_x ? load<W>(at(x, t, x_row) + i) : spread<W>(0);
      const Floats<W> v = use_z ? load<W>(at(z, t, z_row) + i) : spread<W>(0);
      store(at(y, t, y_row) + i, fma(spread<W>(a), u, fma(spread<W>(b), v, spread<W>(c))));
    });
  });
}

#define ELEMENTWISE_ENTRY(name, T)                                                                                                     \
  extern "C" __global__ void __launch_bounds__(256) name(                                                                              \
      const T* x, const T* z, T* y, float a, float b, float c, int x_row, int z_row, int y_row, int rows, int columns, void*) {        \
    begin_early();                                                                                                                     \
    combine(x, z, y, a, b, c, x_row, z_row, y_row, rows, columns);                                                                     \
  }

ELEMENTWISE_ENTRY(elementwise, float)
ELEMENTWISE_ENTRY(elementwise_half, __half)
