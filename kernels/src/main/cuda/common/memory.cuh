// Runs of neighbouring floats, and the walk of a grid over a matrix.
#pragma once

#include <cuda_fp16.h>

#include <cstdint>

// A number as a type: what is the same for all threads is decided once, outside the loops, and loads in a loop are not separated by
// branches.
template <int N>
struct Number {
  static constexpr int value = N;
};

// W neighbouring floats, W is 4 or 1.
template <int W>
struct Floats {
  float at[W];
};

// Hazard: plain loads, not the read-only path: some kernels may write where they read (y is x).
template <int W>
__device__ __forceinline__ Floats<W> load(const float* p) {
  Floats<W> v;
  if constexpr (W == 4) {
    const float4 q = *reinterpret_cast<const float4*>(p);
    v.at[0] = q.x, v.at[1] = q.y, v.at[2] = q.z, v.at[3] = q.w;
  } else {
    v.at[0] = *p;
  }
  return v;
}

template <int W>
__device__ __forceinline__ Floats<W> spread(float value) {
  Floats<W> v;
#pragma unroll
  for (int k = 0; k < W; k++) {
    v.at[k] = value;
  }
  return v;
}

// Columns of an optional vector: `absent` everywhere if there is none.
template <int W>
__device__ __forceinline__ Floats<W> load_or(const float* p, int column, float absent) {
  return p == nullptr ? spread<W>(absent) : load<W>(p + column);
}

template <int W>
__device__ __forceinline__ void store(float* p, Floats<W> v) {
  if constexpr (W == 4) {
    *reinterpret_cast<float4*>(p) = make_float4(v.at[0], v.at[1], v.at[2], v.at[3]);
  } else {
    *p = v.at[0];
  }
}

// The same of numbers in half precision.
template <int W>
__device__ __forceinline__ Floats<W> load(const __half* p) {
  Floats<W> v;
  if constexpr (W == 4) {
    const uint2 q = *reinterpret_cast<const uint2*>(p);
    const float2 low = __half22float2(*reinterpret_cast<const __half2*>(&q.x)), high = __half22float2(*reinterpret_cast<const __half2*>(&q.y));
    v.at[0] = low.x, v.at[1] = low.y, v.at[2] = high.x, v.at[3] = high.y;
  } else {
    v.at[0] = __half2float(*p);
  }
  return v;
}

template <int W>
__device__ __forceinline__ void store(__half* p, Floats<W> v) {
  if constexpr (W == 4) {
    const __half2 low = __floats2half2_rn(v.at[0], v.at[1]), high = __floats2half2_rn(v.at[2], v.at[3]);
    *reinterpret_cast<uint2*>(p) = make_uint2(*reinterpret_cast<const uint32_t*>(&low), *reinterpret_cast<const uint32_t*>(&high));
  } else {
    *p = __float2half_rn(v.at[0]);
  }
}

template <int W, class F>
__device__ __forceinline__ Floats<W> map(Floats<W> u, F f) {
#pragma unroll
  for (int k = 0; k < W; k++) {
    u.at[k] = f(u.at[k]);
  }
  return u;
}

template <int W, class F>
__device__ __forceinline__ Floats<W> map(Floats<W> u, Floats<W> v, F f) {
#pragma unroll
  for (int k = 0; k < W; k++) {
    u.at[k] = f(u.at[k], v.at[k]);
  }
  return u;
}

// u · v + w.
template <int W>
__device__ __forceinline__ Floats<W> fma(Floats<W> u, Floats<W> v, Floats<W> w) {
#pragma unroll
  for (int k = 0; k < W; k++) {
    u.at[k] = fmaf(u.at[k], v.at[k], w.at[k]);
  }
  return u;
}

// Whether the rows of a matrix may be read 16 bytes at a time: it may be a column slice that starts anywhere. An absent one may.
__device__ __forceinline__ bool fours(const void* p, int64_t stride = 0) {
  return ((reinterpret_cast<uintptr_t>(p) & 15) | (stride & 3)) == 0;
}

// The same of halves, eight bytes at a time.
__device__ __forceinline__ bool fours(const __half* p, int64_t stride = 0) { return ((reinterpret_cast<uintptr_t>(p) & 7) | (stride & 3)) == 0; }

// f(width) with four columns at a time or one.
template <class F>
__device__ __forceinline__ void with_width(bool four, F f) {
  if (four) {
    f(Number<4>());
  } else {
    f(Number<1>());
  }
}

// Every item of `rows` times `width` once, in any order, by all threads of the grid: f(row, place in the row).
template <class F>
__device__ __forceinline__ void for_items(int rows, int width, F f) {
  const uint64_t total = static_cast<uint64_t>(rows) * width;
  const uint64_t step = static_cast<uint64_t>(gridDim.x) * blockDim.x;
  for (uint64_t i = static_cast<uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < total; i += step) {
    // A 64-bit division costs ten times a 32-bit one.
    const uint32_t row = i >> 32 == 0 ? static_cast<uint32_t>(i) / width : static_cast<uint32_t>(i / width);
    f(static_cast<int>(row), static_cast<int>(i - static_cast<uint64_t>(row) * width));
  }
}

// Every W columns of [rows, columns], a multiple of W: f(row, first column).
template <int W, class F>
__device__ __forceinline__ void for_columns(int rows, int columns, F f) {
  for_items(rows, columns / W, [&](int row, int item) { f(row, item * W); });
}

// Where row r of a matrix begins.
template <class T>
__device__ __forceinline__ T* at(T* p, int64_t row, int64_t stride) {
  return p + row * stride;
}
