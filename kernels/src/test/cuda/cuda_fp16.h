// Storage and widening of float16, for the emulator.
#pragma once

#include <cmath>
#include <cstdint>

struct __half {
  uint16_t bits;
};

inline float __half2float(__half h) {
  const int exponent = h.bits >> 10 & 31;
  const int fraction = h.bits & 1023;
  float size;
  if (exponent == 31) {
    size = fraction != 0 ? NAN : INFINITY;
  } else {
    size = std::ldexp(static_cast<float>(exponent == 0 ? fraction : 1024 + fraction), exponent == 0 ? -24 : exponent - 25);
  }
  return h.bits >> 15 ? -size : size;
}
