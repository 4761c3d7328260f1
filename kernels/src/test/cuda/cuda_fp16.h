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
  const float size = exponent == 31 ? (fraction != 0 ? NAN : INFINITY) : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                                                                         : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return h.bits >> 15 ? -size : size;
}
