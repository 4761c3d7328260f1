// Pairs of halves and bfloats, vectors of words, and other words of CUDA that resident kernels use, for the emulator.
#pragma once


#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "emulator.h"

struct alignas(16) uint4 {
  uint32_t x, y, z, w;
};
struct alignas(8) uint2 {
  uint32_t x, y;
};
inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) { return {x, y, z, w}; }
inline uint2 make_uint2(uint32_t x, uint32_t y) { return {x, y}; }

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
inline void __trap() { std::abort(); }

inline uint32_t __byte_perm(uint32_t a, uint32_t b, uint32_t selector) {
  const uint64_t all = static_cast<uint64_t>(b) << 32 | a;
  uint32_t out = 0;
  for (int i = 0; i < 4; i++) {
    out |= static_cast<uint32_t>(all >> 8 * (selector >> 4 * i & 7) & 255) << 8 * i;
  }
  return out;
}

// To the nearest, ties to even; `fraction` and `exponent` are the narrow type's bits.
inline uint16_t narrowed(float f, int fraction, int exponent) {
  const uint16_t sign = std::signbit(f) ? 0x8000 : 0;
  const uint16_t infinity = static_cast<uint16_t>(((1 << exponent) - 1) << fraction);
  if (std::isnan(f)) {
    return sign | infinity | 1;
  }
  const int bias = (1 << (exponent - 1)) - 1;
  const float size = std::fabs(f);
  const int power = size == 0 ? 1 - bias : std::max(1 - bias, std::ilogb(size));
  const float steps = std::nearbyint(std::ldexp(size, fraction - power));
  const uint32_t bits = static_cast<uint32_t>(power - 1 + bias) * (1u << fraction) + static_cast<uint32_t>(steps);
  return sign | static_cast<uint16_t>(std::isinf(size) || bits > infinity ? infinity : bits);
}

struct alignas(4) __half2 {
  __half x, y;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
inline __half to_half(float f) { return {narrowed(f, 10, 5)}; }
inline __nv_bfloat16 to_bfloat(float f) { return {narrowed(f, 7, 8)}; }
inline __half2 __float22half2_rn(float2 v) { return {to_half(v.x), to_half(v.y)}; }
inline float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
inline __half2 __hsub2(__half2 a, __half2 b) { return {to_half(__half2float(a.x) - __half2float(b.x)), to_half(__half2float(a.y) - __half2float(b.y))}; }
inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return {to_bfloat(v.x), to_bfloat(v.y)}; }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {__bfloat162float(v.x), __bfloat162float(v.y)}; }
