// What the attention kernels over whole sequences share.
#pragma once
#include "attention/softmax.cuh"
#include "common/machine.cuh"
#include "common/quads.cuh"

// A call, or one sequence of it. Where entries say so, q, k, v and y are halves.
struct AttentionCall {
  const float *q, *k, *v;  // [tq][heads·d], [tk][kv_heads·d], [tk][kv_heads·dv]
  const float* relative;   // [tq][heads·span] or null
  float* y;                // [tq][heads·dv]
  int heads, kv_heads;
  float scale;
  int causal, past, first_key, last_key, left;
  int q_row, k_row, v_row, relative_row, y_row;
  int tq, tk, d, dv, span;
  float* scratch;
  int batch;

  // The sequence of these blocks. Strides count elements of type T.
  template <class T>
  __device__ AttentionCall sequence() const {
    AttentionCall one = *this;
    one.tq = tq / batch;
    one.tk = tk / batch;
    const int64_t b = blockIdx.z, queries = b * one.tq, keys = b * one.tk;
    one.q = reinterpret_cast<const float*>(reinterpret_cast<const T*>(q) + queries * q_row);
    one.k = reinterpret_cast<const float*>(reinterpret_cast<const T*>(k) + keys * k_row);
    one.v = reinterpret_cast<const float*>(reinterpret_cast<const T*>(v) + keys * v_row);
    one.y = reinterpret_cast<float*>(reinterpret_cast<T*>(y) + queries * y_row);
    one.relative = relative == nullptr ? nullptr : relative + queries * relative_row;
    return one;
  }

  // Keys [first_key, seen(i)) are those that query i sees.
  __device__ int seen(int i) const { return causal != 0 ? min(last_key, i + past + 1) : last_key; }
  __device__ const float* query(int i, int head) const { return q + static_cast<int64_t>(i) * q_row + static_cast<int64_t>(head) * d; }
  __device__ const float* key(int j, int head) const { return k + static_cast<int64_t>(j) * k_row + group(head) * d; }
  __device__ const float* value(int j, int head) const { return v + static_cast<int64_t>(j) * v_row + group(head) * dv; }
  __device__ float* output(int i, int head) const { return y + static_cast<int64_t>(i) * y_row + static_cast<int64_t>(head) * dv; }

  __device__ float relative_at(int i, int j, int head) const {
    if (relative == nullptr) {
      return 0.0f;
    }
    const int distance = max(-left, min(span - 1 - left, j - i));
    return relative[static_cast<int64_t>(i) * relative_row + static_cast<int64_t>(head) * span + distance + left];
  }

 private:
  __device__ int64_t group(int head) const { return head / (heads / kv_heads); }
};

#define ATTENTION_ENTRY(name, threads, blocks, ...)                                                                                                     \
  extern "C" __global__ void __launch_bounds__(threads, blocks)                                                                                         \
      name(const float* q, const float* k, const float* v, const float* relative, float* y, int heads, int kv_heads, float scale, int causal, int past, \
           int first_key, int last_key, int left, int batch, int q_row, int k_row, int v_row, int relative_row, int y_row, int tq, int q_width, int tk,            \
           int k_width, int v_width, int relative_width, int y_width, void* scratch) {                                                                  \
    begin_early();                                                                                                                                         \
    __VA_ARGS__(AttentionCall{q, k, v, relative, y, heads, kv_heads, scale, causal, past, first_key, last_key, left, q_row, k_row, v_row,               \
                              relative_row, y_row, tq, tk, q_width / heads, v_width / kv_heads, relative_width / heads, static_cast<float*>(scratch), batch}); \
  }

// The same with windows on q, k and v for the copy engine behind the other parameters.
#define ATTENTION_MAPS_ENTRY(name, threads, blocks, ...)                                                                                                \
  extern "C" __global__ void __launch_bounds__(threads, blocks)                                                                                         \
      name(const float* q, const float* k, const float* v, const float* relative, float* y, int heads, int kv_heads, float scale, int causal, int past, \
           int first_key, int last_key, int left, int batch, int q_row, int k_row, int v_row, int relative_row, int y_row, int tq, int q_width, int tk,            \
           int k_width, int v_width, int relative_width, int y_width, void* scratch, const __grid_constant__ TensorMap q_map,                          \
           const __grid_constant__ TensorMap k_map, const __grid_constant__ TensorMap v_map) {                                                         \
    __VA_ARGS__(AttentionCall{q, k, v, relative, y, heads, kv_heads, scale, causal, past, first_key, last_key, left, q_row, k_row, v_row,               \
                              relative_row, y_row, tq, tk, q_width / heads, v_width / kv_heads, relative_width / heads, static_cast<float*>(scratch), batch}, \
                q_map, k_map, v_map);                                                                                                                   \
  }
