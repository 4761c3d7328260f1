// Loads and stores of four neighbouring floats, and the walk of a grid over a matrix.
#pragma once

#include <cstdint>

// Hazard: the readers here are plain loads, not the read-only path: many kernels may write where they read (y is x).

// Whether rows may be read 16 bytes at a time: buffers may be column slices that start anywhere.
__device__ __forceinline__ bool aligned4(const void* p, int64_t stride) {
  return ((reinterpret_cast<uintptr_t>(p) & 15) | (stride & 3)) == 0;
}

// The same for a vector of one axis; an absent one is aligned.
__device__ __forceinline__ bool aligned4(const void* p) { return (reinterpret_cast<uintptr_t>(p) & 15) == 0; }

// p[0..3], of which the first n are there; the others become `rest`. n may be above 4.
__device__ __forceinline__ float4 load4(const float* p, int n, bool aligned, float rest = 0.0f) {
  if (aligned && n >= 4) {
    return *reinterpret_cast<const float4*>(p);
  }
  float4 v = make_float4(rest, rest, rest, rest);
  if (n > 0) v.x = p[0];
  if (n > 1) v.y = p[1];
  if (n > 2) v.z = p[2];
  if (n > 3) v.w = p[3];
  return v;
}

// The same from the columns of an optional vector: `absent` everywhere if there is none.
__device__ __forceinline__ float4 load4_or(const float* p, int64_t c, int n, bool aligned, float absent) {
  return p == nullptr ? make_float4(absent, absent, absent, absent) : load4(p + c, n, aligned);
}

__device__ __forceinline__ void store4(float* p, float4 v, int n, bool aligned) {
  if (aligned && n >= 4) {
    *reinterpret_cast<float4*>(p) = v;
    return;
  }
  if (n > 0) p[0] = v.x;
  if (n > 1) p[1] = v.y;
  if (n > 2) p[2] = v.z;
  if (n > 3) p[3] = v.w;
}

template <class F>
__device__ __forceinline__ float4 map4(float4 v, F f) {
  return make_float4(f(v.x), f(v.y), f(v.z), f(v.w));
}

template <class F>
__device__ __forceinline__ float4 map4(float4 u, float4 v, F f) {
  return make_float4(f(u.x, v.x), f(u.y, v.y), f(u.z, v.z), f(u.w, v.w));
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

// Every four columns of [rows, columns]: f(row, first column, columns left from there).
template <class F>
__device__ __forceinline__ void for_quads(int rows, int columns, F f) {
  for_items(rows, (columns + 3) / 4, [&](int row, int quad) { f(row, 4 * quad, columns - 4 * quad); });
}
