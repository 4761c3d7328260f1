// Pairs of halves and bfloats, vectors of words, and other words of CUDA that resident kernels use, for the emulator.
#pragma once

#include "cuda_bf16.h"
#include "cuda_fp16.h"
#include "emulator.h"

template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
inline void __trap() { std::abort(); }

inline __half half_of(uint16_t bits) {
  __half h;
  h.bits = bits;
  return h;
}

inline __nv_bfloat16 bfloat_of(uint16_t bits) {
  __nv_bfloat16 h;
  h.bits = bits;
  return h;
}

inline __half to_half(float f) { return __half(f); }
inline __nv_bfloat16 to_bfloat(float f) { return __nv_bfloat16(f); }
inline __half2 __float22half2_rn(float2 v) { return {to_half(v.x), to_half(v.y)}; }
inline __nv_bfloat162 __float22bfloat162_rn(float2 v) { return {to_bfloat(v.x), to_bfloat(v.y)}; }
inline float2 __bfloat1622float2(__nv_bfloat162 v) { return {__bfloat162float(v.x), __bfloat162float(v.y)}; }
