// Rows shared by G threads: 4 or 32 lanes of a warp, or a block of 256 threads. How many depends on the row's width alone, never on the
// number of rows: the same row gives the same bytes alone or in a batch.
#pragma once

#include "common/machine.cuh"
#include "common/memory.cuh"
#include "common/reduce.cuh"

// f(row, whether there is one) for every row, by all threads of a group. Lanes without a row run along: sums need whole warps.
template <int G, class F>
__device__ __forceinline__ void for_rows(int rows, F f) {
  const int together = blockDim.x / G;
  for (int64_t first = static_cast<int64_t>(blockIdx.x) * together; first < rows; first += static_cast<int64_t>(gridDim.x) * together) {
    const int64_t row = first + threadIdx.x / G;
    f(row, row < rows);
  }
}

// Four columns of a row, of which the first n are there; the others become `rest`. WHOLE rows are multiples of four columns at aligned
// places. The columns of a thread are the same in both cases, and so are the bits of its sums.
template <bool WHOLE>
__device__ __forceinline__ float4 quad(const float* p, int n, float rest) {
  if constexpr (WHOLE) {
    return *reinterpret_cast<const float4*>(p);
  } else {
    return make_float4(p[0], n > 1 ? p[1] : rest, n > 2 ? p[2] : rest, n > 3 ? p[3] : rest);
  }
}

template <bool WHOLE>
__device__ __forceinline__ float4 quad_or(const float* p, int i, int n, float absent) {
  return p == nullptr ? make_float4(absent, absent, absent, absent) : quad<WHOLE>(p + i, n, absent);
}

// Columns in half precision.
template <bool WHOLE>
__device__ __forceinline__ void store_quad(__half* p, float4 v, int n) {
  if constexpr (WHOLE) {
    store(p, Floats<4>{v.x, v.y, v.z, v.w});
  } else {
    p[0] = __float2half_rn(v.x);
    if (n > 1) p[1] = __float2half_rn(v.y);
    if (n > 2) p[2] = __float2half_rn(v.z);
    if (n > 3) p[3] = __float2half_rn(v.w);
  }
}

template <bool WHOLE>
__device__ __forceinline__ void store_quad(float* p, float4 v, int n) {
  if constexpr (WHOLE) {
    *reinterpret_cast<float4*>(p) = v;
  } else {
    p[0] = v.x;
    if (n > 1) p[1] = v.y;
    if (n > 2) p[2] = v.z;
    if (n > 3) p[3] = v.w;
  }
}

__device__ __forceinline__ float sum4(float4 v) { return (v.x + v.y) + (v.z + v.w); }

__device__ __forceinline__ float squares4(float4 v) { return fmaf(v.x, v.x, v.y * v.y) + fmaf(v.z, v.z, v.w * v.w); }

__device__ __forceinline__ float4 minus(float4 v, float f) { return make_float4(v.x - f, v.y - f, v.z - f, v.w - f); }

__device__ __forceinline__ float4 times(float4 v, float f) { return make_float4(v.x * f, v.y * f, v.z * f, v.w * f); }

__device__ __forceinline__ float4 affine(float4 v, float4 w, float4 b) {
  return make_float4(fmaf(v.x, w.x, b.x), fmaf(v.y, w.y, b.y), fmaf(v.z, w.z, b.z), fmaf(v.w, w.w, b.w));
}

// v − f, 0 in columns that are not there.
__device__ __forceinline__ float4 apart(float4 v, float f, int n) {
  return make_float4(v.x - f, n > 1 ? v.y - f : 0.0f, n > 2 ? v.z - f : 0.0f, n > 3 ? v.w - f : 0.0f);
}

// A thread's part of a row of at most 4 · G · K columns, in registers: all loads, those of weight and bias too, are on their way before
// the first sum. The bits are those of Reread.
template <int G, int K>
struct Kept {
  int columns;
  int own = 0;
  float4 x[K];
  float4 weight[K];
  float4 bias[K];

  __device__ __forceinline__ Kept(const float* w, const float* b, int c) : columns(c) {
#pragma unroll
    for (int k = 0; k < K; k++) {
      weight[k] = quad_or<true>(w, min(first(k), c - 4), 4, 1.0f);
      bias[k] = quad_or<true>(b, min(first(k), c - 4), 4, 0.0f);
    }
  }

  static __device__ __forceinline__ int first(int k) { return (threadIdx.x % G + k * G) * 4; }

  __device__ __forceinline__ void read(const float* from, bool there) {
    own = there ? columns : 0;
    if (there) {
#pragma unroll
      for (int k = 0; k < K; k++) {
        x[k] = quad<true>(from + min(first(k), columns - 4), 4, 0.0f);  // a thread with fewer columns reads some of its neighbours'
      }
    }
  }

  // f(four columns, how many of them there are), zeros behind them.
  template <class F>
  __device__ __forceinline__ void each(F f) {
#pragma unroll
    for (int k = 0; k < K; k++) {
      if (first(k) < own) {
        f(x[k], 4);
      }
    }
  }

  // y = f(x) · weight + bias. y may be x.
  template <class Y, class F>
  __device__ __forceinline__ void write(Y* y, F f) {
#pragma unroll
    for (int k = 0; k < K; k++) {
      const int i = first(k);
      if (i < own) {
        store_quad<true>(y + i, affine(f(x[k]), weight[k], bias[k]), 4);
      }
    }
  }
};

// A thread's part of a row of any width, read again in each pass.
template <int G, bool WHOLE>
struct Reread {
  const float* weights;
  const float* biases;
  int columns;
  int own = 0;
  const float* x = nullptr;

  __device__ __forceinline__ Reread(const float* w, const float* b, int c) : weights(w), biases(b), columns(c) {}

  __device__ __forceinline__ void read(const float* from, bool there) {
    x = from;
    own = there ? columns : 0;
  }

  template <class F>
  __device__ __forceinline__ void each(F f) {
#pragma unroll 4
    for (int i = threadIdx.x % G * 4; i < own; i += G * 4) {
      f(quad<WHOLE>(x + i, own - i, 0.0f), own - i);
    }
  }

  template <class Y, class F>
  __device__ __forceinline__ void write(Y* y, F f) {
#pragma unroll 2
    for (int i = threadIdx.x % G * 4; i < own; i += G * 4) {
      const int n = own - i;
      const float4 w = quad_or<WHOLE>(weights, i, n, 1.0f);
      const float4 b = quad_or<WHOLE>(biases, i, n, 0.0f);
      store_quad<WHOLE>(y + i, affine(f(quad<WHOLE>(x + i, n, 0.0f)), w, b), n);
    }
  }
};

template <class T>
struct Type {
  using type = T;
};

// f with the way to hold a row of so many columns. WHOLE rows: see quad.
template <int G, class F>
__device__ __forceinline__ void with_row(bool whole, int columns, F f) {
  constexpr int FEW = G == 32 ? 4 : 2;
  if (!whole) {
    f(Type<Reread<G, false>>());
  } else if (G < 256 || columns <= 4 * G * FEW) {
    f(Type<Kept<G, FEW>>());
  } else {
    f(Type<Reread<G, true>>());
  }
}

// Σ x² of a group's row.
template <int G, class Row>
__device__ __forceinline__ float squares(Row& row) {
  float sum = 0;
  row.each([&](float4 v, int) { sum += squares4(v); });
  return group_sum<G>(sum);
}

// The entries NAME_4, NAME_32 and NAME_256, and those with outputs in half precision: NormPlan.java chooses by the row's width. Blocks for wide rows keep to 64 registers a thread, so
// that four of them run beside each other.
#define ROW_ENTRIES_OF(NAME, SUFFIX, PARAMETERS, ...)                                                          \
  extern "C" __global__ void __launch_bounds__(128) NAME##_4##SUFFIX PARAMETERS { begin_early(); NAME<4>(__VA_ARGS__); } \
  extern "C" __global__ void __launch_bounds__(128) NAME##_32##SUFFIX PARAMETERS { begin_early(); NAME<32>(__VA_ARGS__); } \
  extern "C" __global__ void __launch_bounds__(256, 4) NAME##_256##SUFFIX PARAMETERS { begin_early(); NAME<256>(__VA_ARGS__); } 
