// Four neighbouring floats of which some may lie behind the end: for tiles whose edges are anywhere.
#pragma once

#include "common/memory.cuh"

__device__ __forceinline__ bool aligned4(const void* p, int64_t stride = 0) { return fours(p, stride); }

// p[0..3], of which the first n are there; the others are 0. n may be above 4 or below 0.
__device__ __forceinline__ float4 load4(const float* p, int n, bool aligned) {
  if (aligned && n >= 4) {
    return *reinterpret_cast<const float4*>(p);
  }
  return make_float4(n > 0 ? p[0] : 0.0f, n > 1 ? p[1] : 0.0f, n > 2 ? p[2] : 0.0f, n > 3 ? p[3] : 0.0f);
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

// The same of halves.
__device__ __forceinline__ float4 load4(const __half* p, int n, bool aligned) {
  if (aligned && n >= 4) {
    const Floats<4> v = load<4>(p);
    return make_float4(v.at[0], v.at[1], v.at[2], v.at[3]);
  }
  return make_float4(n > 0 ? __half2float(p[0]) : 0.0f, n > 1 ? __half2float(p[1]) : 0.0f, n > 2 ? __half2float(p[2]) : 0.0f,
                     n > 3 ? __half2float(p[3]) : 0.0f);
}

__device__ __forceinline__ void store4(__half* p, float4 v, int n, bool aligned) {
  if (aligned && n >= 4) {
    store(p, Floats<4>{v.x, v.y, v.z, v.w});
    return;
  }
  if (n > 0) p[0] = __float2half_rn(v.x);
  if (n > 1) p[1] = __float2half_rn(v.y);
  if (n > 2) p[2] = __float2half_rn(v.z);
  if (n > 3) p[3] = __float2half_rn(v.w);
}

template <class F>
__device__ __forceinline__ float4 map4(float4 v, F f) {
  return make_float4(f(v.x), f(v.y), f(v.z), f(v.w));
}

template <class F>
__device__ __forceinline__ float4 map4(float4 u, float4 v, F f) {
  return make_float4(f(u.x, v.x), f(u.y, v.y), f(u.z, v.z), f(u.w, v.w));
}

// Every four columns of [rows, columns] by all threads of the grid: f(row, first column, columns left from there).
template <class F>
__device__ __forceinline__ void for_quads(int rows, int columns, F f) {
  for_items(rows, (columns + 3) / 4, [&](int row, int quad) { f(row, 4 * quad, columns - 4 * quad); });
}
