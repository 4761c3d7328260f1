// One block for each row of scores: sums and largest values over the block, searches for thresholds. All sums have a fixed order, or are of integers, so that a row
// always gives the same bytes.
#pragma once
#include <stdint.h>

constexpr int ROW_THREADS = 1024;
constexpr int ROW_WARPS = ROW_THREADS / 32;
constexpr int HELD = 9;  // elements that a thread keeps in registers: rows of up to 9216 need no memory

// Bits whose order as unsigned numbers is that of the floats; NaN lies beyond the infinity of its sign.
__device__ __forceinline__ uint32_t ordered(float v) {
  const uint32_t bits = __float_as_uint(v);
  return (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
}

__device__ __forceinline__ float unordered(uint32_t key) { return __uint_as_float((key >> 31) != 0 ? key & 0x7fffffffu : ~key); }

// Combines one number of each thread, in the same order each time; all threads get the result.
template <class T, class Combine>
__device__ __forceinline__ T over_row(T v, Combine combine) {
  __shared__ T warps[ROW_WARPS];
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    v = combine(v, __shfl_xor_sync(0xffffffffu, v, apart));
  }
  __syncthreads();  // the results of the call before have been read
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32] = v;
  }
  __syncthreads();
  v = warps[threadIdx.x % 32];
#pragma unroll
  for (int apart = 16; apart > 0; apart /= 2) {
    v = combine(v, __shfl_xor_sync(0xffffffffu, v, apart));
  }
  return v;
}

template <class T>
__device__ __forceinline__ T sum_over_row(T v) {
  return over_row(v, [](T a, T b) { return a + b; });
}

__device__ __forceinline__ unsigned count_over_row(unsigned v) {
  __shared__ unsigned warps[ROW_WARPS];
  v = __reduce_add_sync(0xffffffffu, v);
  __syncthreads();
  if (threadIdx.x % 32 == 0) {
    warps[threadIdx.x / 32] = v;
  }
  __syncthreads();
  return __reduce_add_sync(0xffffffffu, warps[threadIdx.x % 32]);
}

// The largest number T of `bits` bits that `holds`, which holds for 0 and, if for T, for all below. All threads ask together.
template <class Holds>
__device__ __forceinline__ uint32_t largest(int bits, Holds holds) {
  uint32_t found = 0;
#pragma unroll 1
  for (int bit = bits - 1; bit >= 0; bit--) {
    const uint32_t candidate = found | 1u << bit;
    if (holds(candidate)) {
      found = candidate;
    }
  }
  return found;
}

// The greatest element, NaN if there is one, -inf of a row of nothing else.
__device__ __forceinline__ float greatest(const float* x, int d) {
  float most = -INFINITY;
  for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
    const float v = x[c];
    most = v > most || v != v ? v : most;
    if (most != most) {
      break;
    }
  }
  return over_row(most, [](float a, float b) { return a != a ? a : b > a || b != b ? b : a; });
}

// The sum of exp(x - most); filtered entries cost nothing.
__device__ __forceinline__ double exponentials(const float* x, int d, double most) {
  double sum = 0;
  for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
    const float v = x[c];
    if (v != -INFINITY) {
      sum += exp(v - most);
    }
  }
  return sum_over_row(sum);
}

// A probability in units of 2^-62: sums of them are exact in any order, and as exact as those of the floats in double.
using Mass = unsigned long long;

__device__ __forceinline__ Mass mass_of(float p) { return __double2ull_rn(p * 4611686018427387904.0); }
__device__ __forceinline__ float probability(Mass m) { return static_cast<float>(__ull2double_rn(m) * (1 / 4611686018427387904.0)); }

// Keys and probabilities of a row, held in registers. visit(f) calls f(column, key, mass) for each of this thread's elements; those left out have key 0.
struct HeldRow {
  uint32_t keys[HELD];
  Mass masses[HELD];

  template <class Make>
  __device__ HeldRow(int d, Mass*, Make make) {
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      const int c = threadIdx.x + i * ROW_THREADS;
      keys[i] = 0;
      masses[i] = 0;
      if (c < d) {
        make(c, keys[i], masses[i]);
      }
    }
  }

  template <class F>
  __device__ void visit(F f) const {
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      f(static_cast<int>(threadIdx.x) + i * ROW_THREADS, keys[i], masses[i]);
    }
  }
};

// The same for rows of any length, in memory: 16 bytes for each element.
struct StoredRow {
  int d;
  Mass* memory;

  template <class Make>
  __device__ StoredRow(int columns, Mass* scratch, Make make) : d(columns), memory(scratch) {
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      uint32_t key = 0;
      Mass mass = 0;
      make(c, key, mass);
      memory[2 * static_cast<int64_t>(c)] = key;
      memory[2 * static_cast<int64_t>(c) + 1] = mass;
    }
  }

  template <class F>
  __device__ void visit(F f) const {
    for (int c = threadIdx.x; c < d; c += ROW_THREADS) {
      f(c, static_cast<uint32_t>(memory[2 * static_cast<int64_t>(c)]), memory[2 * static_cast<int64_t>(c) + 1]);
    }
  }
};

template <class Row>
__device__ __forceinline__ unsigned count_below(const Row& row, uint32_t key) {
  unsigned count = 0;
  row.visit([&](int, uint32_t k, Mass) { count += k != 0 && k < key; });
  return count_over_row(count);
}

template <class Row>
__device__ __forceinline__ Mass mass_below(const Row& row, uint32_t key) {
  Mass mass = 0;
  row.visit([&](int, uint32_t k, Mass m) { mass += k < key ? m : 0; });
  return sum_over_row(mass);
}

// The first `count` elements in ascending order of keys, equal keys by column: those with a lower key, and of those with the same key the columns before `column`.
struct Lowest {
  uint32_t key;
  uint32_t column;

  __device__ bool has(int c, uint32_t k) const { return k < key || (k == key && static_cast<uint32_t>(c) < column); }
};

// The `ties` elements with this key that come first.
template <class Row>
__device__ __forceinline__ Lowest first_of(const Row& row, int d, uint32_t key, unsigned ties) {
  const auto enough = [&](uint32_t column) {
    unsigned before = 0;
    row.visit([&](int c, uint32_t k, Mass) { before += k == key && static_cast<uint32_t>(c) < column; });
    return count_over_row(before) <= ties;
  };
  return {key, ties == 0 ? 0 : largest(32 - __clz(d), enough)};
}

template <class Row>
__device__ __forceinline__ Lowest lowest(const Row& row, int d, unsigned count) {
  const uint32_t key = largest(32, [&](uint32_t k) { return count_below(row, k) <= count; });
  return first_of(row, d, key, count - count_below(row, key));
}
