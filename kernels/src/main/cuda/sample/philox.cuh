// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011): the integers are those of the specification bit for bit.
#pragma once
#include <stdint.h>

struct Words {
  uint32_t w[4];
};

__device__ __forceinline__ Words philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xD2511F53u, c0), low0 = 0xD2511F53u * c0;
    const uint32_t high1 = __umulhi(0xCD9E8D57u, c2), low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{c0, c1, c2, c3}};
}

__device__ __forceinline__ double uniform(uint32_t word) { return (word + 0.5) * (1.0 / 4294967296.0); }

// Gumbel noise of a word, in double, so that the float is the specification's but for the rarest.
__device__ __forceinline__ float gumbel(uint32_t word) { return static_cast<float>(-log(-log(uniform(word)))); }
