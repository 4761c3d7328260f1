// The element-wise functions and gated units, by the numbers of Activation.java and Gate.java, in float32 to a few units in the last place.
#pragma once

#include "common/memory.cuh"

enum Activation { NONE, RELU, SILU, GELU_TANH, GELU_ERF, SIGMOID, TANH, MISH };

enum Gate { GLU, GEGLU, SWIGLU, GATED_TANH };

// expf overflows to infinity below -88: 1 / infinity is the right 0.
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

// Not x * sigmoid(x): one rounding less; -infinity gives NaN in both.
__device__ __forceinline__ float silu(float x) { return x / (1.0f + expf(-x)); }

__device__ __forceinline__ float gelu_tanh(float x) {
  const float sqrt_2_over_pi = 0.7978845608f;
  return 0.5f * x * (1.0f + tanhf(sqrt_2_over_pi * fmaf(0.044715f * x * x, x, x)));
}

// erfc, not 1 + erf: no cancellation for negative x.
__device__ __forceinline__ float gelu_erf(float x) { return 0.5f * x * erfcf(-0.7071067812f * x); }

// tanh(ln(1 + e)) = e (e + 2) / (e (e + 2) + 2); above 20 it is 1, and e² would overflow above 44.
__device__ __forceinline__ float mish(float x) {
  const float e = expf(x);
  const float n = e * (e + 2.0f);
  return x > 20.0f ? x : x * (n / (n + 2.0f));
}

template <int A>
__device__ __forceinline__ float activate(float x) {
  if constexpr (A == RELU) {
    return x < 0.0f ? 0.0f : x;  // NaN stays
  } else if constexpr (A == SILU) {
    return silu(x);
  } else if constexpr (A == GELU_TANH) {
    return gelu_tanh(x);
  } else if constexpr (A == GELU_ERF) {
    return gelu_erf(x);
  } else if constexpr (A == SIGMOID) {
    return sigmoid(x);
  } else if constexpr (A == TANH) {
    return tanhf(x);
  } else if constexpr (A == MISH) {
    return mish(x);
  } else {
    return x;
  }
}

template <int G>
__device__ __forceinline__ float gated(float first, float second) {
  if constexpr (G == GLU) {
    return first * sigmoid(second);
  } else if constexpr (G == GEGLU) {
    return gelu_erf(second) * first;
  } else if constexpr (G == SWIGLU) {
    return silu(first) * second;
  } else {
    return tanhf(first) * sigmoid(second);
  }
}

// Calls f with the function's number as a type: the branch is taken once for a kernel, not once for an element.
template <class F>
__device__ __forceinline__ void with_activation(int id, F f) {
  switch (id) {
    case RELU: return f(Number<RELU>());
    case SILU: return f(Number<SILU>());
    case GELU_TANH: return f(Number<GELU_TANH>());
    case GELU_ERF: return f(Number<GELU_ERF>());
    case SIGMOID: return f(Number<SIGMOID>());
    case TANH: return f(Number<TANH>());
    case MISH: return f(Number<MISH>());
    default: return f(Number<NONE>());
  }
}

template <class F>
__device__ __forceinline__ void with_gate(int id, F f) {
  switch (id) {
    case GLU: return f(Number<GLU>());
    case GEGLU: return f(Number<GEGLU>());
    case SWIGLU: return f(Number<SWIGLU>());
    default: return f(Number<GATED_TANH>());
  }
}
