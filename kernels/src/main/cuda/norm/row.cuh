// Rows shared by G threads: 4 or 32 lanes of a warp, or a block of 256 threads. How many depends on the row's width alone, never on the number of rows:
// the same row gives the same bytes alone or in a batch. A row is read from the first-level cache after its first pass.
#pragma once

#include "common/memory.cuh"
#include "common/reduce.cuh"

// f(row, columns) for every row, by all threads of a group. Lanes without a row run along with 0 columns: sums need whole warps.
template <int G, class F>
__device__ __forceinline__ void for_rows(int rows, int columns, F f) {
  const int together = blockDim.x / G;
  for (int64_t first = static_cast<int64_t>(blockIdx.x) * together; first < rows; first += static_cast<int64_t>(gridDim.x) * together) {
    const int64_t row = first + threadIdx.x / G;
    f(row, row < rows ? columns : 0);
  }
}

// Four columns of a row, of which the first n are there; the others become `rest`. WHOLE rows are multiples of four columns at aligned places. The columns of a
// thread are the same in both cases, and so are the bits of its sums.
template <bool WHOLE>
__device__ __forceinline__ float4 quad(const float* p, int n, float rest) {
  if constexpr (WHOLE) {
    return *reinterpret_cast<const float4*>(p);
  } else {
    return make_float4(p[0], n > 1 ? p[1] : rest, n > 2 ? p[2] : rest, n > 3 ? p[3] : rest);
  }
}

template <bool WHOLE>
__device__ __forceinline__ float4 quad_or(const float* p, int i, int n, float absent) {
  return p == nullptr ? make_float4(absent, absent, absent, absent) : quad<WHOLE>(p + i, n, absent);
}

template <bool WHOLE>
__device__ __forceinline__ void store_quad(float* p, float4 v, int n) {
  if constexpr (WHOLE) {
    *reinterpret_cast<float4*>(p) = v;
  } else {
    p[0] = v.x;
    if (n > 1) p[1] = v.y;
    if (n > 2) p[2] = v.z;
    if (n > 3) p[3] = v.w;
  }
}

__device__ __forceinline__ float sum4(float4 v) { return (v.x + v.y) + (v.z + v.w); }

__device__ __forceinline__ float squares4(float4 v) { return fmaf(v.x, v.x, v.y * v.y) + fmaf(v.z, v.z, v.w * v.w); }

__device__ __forceinline__ float4 minus(float4 v, float f) { return make_float4(v.x - f, v.y - f, v.z - f, v.w - f); }

__device__ __forceinline__ float4 times(float4 v, float f) { return make_float4(v.x * f, v.y * f, v.z * f, v.w * f); }

__device__ __forceinline__ float4 affine(float4 v, float4 w, float4 b) {
  return make_float4(fmaf(v.x, w.x, b.x), fmaf(v.y, w.y, b.y), fmaf(v.z, w.z, b.z), fmaf(v.w, w.w, b.w));
}

// f(first column, columns left from there) for the calling thread's part of a row.
template <int G, class F>
__device__ __forceinline__ void for_own_quads(int columns, F f) {
#pragma unroll 4
  for (int i = threadIdx.x % G * 4; i < columns; i += G * 4) {
    f(i, columns - i);
  }
}

// Σ x².
template <int G, bool WHOLE>
__device__ __forceinline__ float squares(const float* x, int columns) {
  float sum = 0;
  for_own_quads<G>(columns, [&](int i, int n) { sum += squares4(quad<WHOLE>(x + i, n, 0.0f)); });
  return group_sum<G>(sum);
}

// y = (x − mean − rest) · factor · weight + bias. y may be x.
template <int G, bool WHOLE>
__device__ __forceinline__ void finish(
    const float* x, float mean, float rest, float factor, const float* weight, const float* bias, float* y, int columns) {
  for_own_quads<G>(columns, [&](int i, int n) {
    const float4 v = times(minus(minus(quad<WHOLE>(x + i, n, 0.0f), mean), rest), factor);
    store_quad<WHOLE>(y + i, affine(v, quad_or<WHOLE>(weight, i, n, 1.0f), quad_or<WHOLE>(bias, i, n, 0.0f)), n);
  });
}

// f(whether rows are whole) as a number.
template <class F>
__device__ __forceinline__ void with_whole(bool whole, F f) {
  if (whole) {
    f(Number<1>());
  } else {
    f(Number<0>());
  }
}

// The entries NAME_4, NAME_32 and NAME_256: NormPlan.java chooses by the row's width.
#define ROW_ENTRIES(NAME, PARAMETERS, ...)                                                           \
  extern "C" __global__ void __launch_bounds__(128) NAME##_4 PARAMETERS { NAME<4>(__VA_ARGS__); }   \
  extern "C" __global__ void __launch_bounds__(128) NAME##_32 PARAMETERS { NAME<32>(__VA_ARGS__); } \
  extern "C" __global__ void __launch_bounds__(256) NAME##_256 PARAMETERS { NAME<256>(__VA_ARGS__); }
