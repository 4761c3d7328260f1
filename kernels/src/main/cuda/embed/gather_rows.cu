// Rows of a table by index, widened to float32, plus other rows. Bound by memory: one pass, four columns a thread where all rows allow it.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "common/memory.cuh"

__device__ __forceinline__ float widen(float v) { return v; }
__device__ __forceinline__ float widen(__half v) { return __half2float(v); }
__device__ __forceinline__ float widen(__nv_bfloat16 v) { return __bfloat162float(v); }

template <int W, class T>
struct alignas(W * sizeof(T)) Stored {
  T at[W];
};

template <int W, class T>
__device__ __forceinline__ Floats<W> widened(const T* p) {
  const Stored<W, T> stored = *reinterpret_cast<const Stored<W, T>*>(p);
  Floats<W> v;
#pragma unroll
  for (int k = 0; k < W; k++) {
    v.at[k] = widen(stored.at[k]);
  }
  return v;
}

// An index outside the table cannot be refused here as the CPU refuses it: its row becomes NaN, and nothing outside the table is read.
template <class T>
__device__ __forceinline__ void gather(
    const T* __restrict__ table, const int* __restrict__ ids, const float* __restrict__ add, float* __restrict__ y, int table_row,
    int add_row, int y_row, int entries, int d, int rows) {
  const bool table_fours = (reinterpret_cast<uintptr_t>(table) % (4 * sizeof(T)) | (table_row & 3)) == 0;
  with_width(d % 4 == 0 && table_fours && fours(y, y_row) && (add == nullptr || fours(add, add_row)), [&](auto width) {
    constexpr int W = width.value;
    for_columns<W>(rows, d, [&](int r, int i) {
      const Floats<W> plus = add == nullptr ? spread<W>(0) : load<W>(at(add, r, add_row) + i);
      const int id = ids[r];
      const bool inside = id >= 0 && id < entries;
      const Floats<W> v = inside ? widened<W>(at(table, id, table_row) + i) : spread<W>(__int_as_float(0x7fffffff));
      store(at(y, r, y_row) + i, map(v, plus, [](float p, float q) { return p + q; }));
    });
  });
}

extern "C" __global__ void __launch_bounds__(256) gather_rows_f32(
    const float* table, const int* ids, const float* add, float* y, int table_row, int add_row, int y_row, int entries, int d, int rows,
    void*) {
  gather(table, ids, add, y, table_row, add_row, y_row, entries, d, rows);
}

extern "C" __global__ void __launch_bounds__(256) gather_rows_f16(
    const __half* table, const int* ids, const float* add, float* y, int table_row, int add_row, int y_row, int entries, int d, int rows,
    void*) {
  gather(table, ids, add, y, table_row, add_row, y_row, entries, d, rows);
}

extern "C" __global__ void __launch_bounds__(256) gather_rows_bf16(
    const __nv_bfloat16* table, const int* ids, const float* add, float* y, int table_row, int add_row, int y_row, int entries, int d,
    int rows, void*) {
  gather(table, ids, add, y, table_row, add_row, y_row, entries, d, rows);
}
