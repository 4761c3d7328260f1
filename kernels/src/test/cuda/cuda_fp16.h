// Half precision for the emulator: storage, conversions, pairs.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

struct __half {
  uint16_t bits;

  __half() = default;
  explicit __half(float v) {
    const _Float16 h = static_cast<_Float16>(v);
    std::memcpy(&bits, &h, sizeof bits);
  }
};

inline float __half2float(__half h) {
  _Float16 v;
  std::memcpy(&v, &h.bits, sizeof v);
  return static_cast<float>(v);
}

inline __half __float2half_rn(float v) { return __half(v); }

struct alignas(4) __half2 {
  __half x, y;
};

inline __half2 __floats2half2_rn(float x, float y) { return {__half(x), __half(y)}; }
inline float2 __half22float2(__half2 v) { return {__half2float(v.x), __half2float(v.y)}; }
inline __half2 __hsub2(__half2 a, __half2 b) { return __floats2half2_rn(__half2float(a.x) - __half2float(b.x), __half2float(a.y) - __half2float(b.y)); }
