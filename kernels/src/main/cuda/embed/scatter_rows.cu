// Rows into given slots of a larger matrix. Bound by memory: one pass, 16 bytes a thread where all rows allow it.
#include "common/memory.cuh"

// A slot outside the target cannot be refused here as the CPU refuses it: its row is dropped.
extern "C" __global__ void __launch_bounds__(256) scatter_rows(
    const float* __restrict__ x, const int* __restrict__ slots, float* __restrict__ target, int x_row, int target_row, int rows, int d,
    int entries, void*) {
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
