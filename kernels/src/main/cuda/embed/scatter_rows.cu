// Rows into given slots of a larger matrix. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/memory.cuh"

// A slot outside the target cannot be refused here as the CPU refuses it: its row is dropped.
template <class T>
__device__ __forceinline__ void scatter(const float* __restrict__ x, const int* __restrict__ slots, T* __restrict__ target, int x_row, int target_row, int rows, int d, int entries) {
  with_width(d % 4 == 0 && fours(x, x_row) && fours(target, target_row), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(rows, d, [&](int r, int i) {
      const int slot = slots[r];
      if (slot >= 0 && slot < entries) {
        store(at(target, slot, target_row) + i, load<W>(at(x, r, x_row) + i));
      }
    });
  });
}

extern "C" __global__ void __launch_bounds__(256)
    scatter_rows(const float* x, const int* slots, float* target, int x_row, int target_row, int rows, int d, int entries, void*) {
  scatter(x, slots, target, x_row, target_row, rows, d, entries);
}

extern "C" __global__ void __launch_bounds__(256)
    scatter_rows_half(const float* x, const int* slots, __half* target, int x_row, int target_row, int rows, int d, int entries, void*) {
  scatter(x, slots, target, x_row, target_row, rows, d, entries);
}
