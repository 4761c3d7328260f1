// Runs CUDA sources on the CPU, one thread after the other: enough of the language for kernels without inline assembly. A thread runs
// until it waits for others (a barrier, a shuffle) or ends; threads take turns in order; with a seed, one warp at a time, picked at
// random, is held back for a while, so that others run far ahead of it and a missing barrier shows. Emulated arithmetic is the host's:
// close to a device's, not its bits.
#pragma once

#include <ucontext.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#define SYRINX_EMU
#define __device__
#define __global__
#define __shared__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __grid_constant__
#define __restrict__ __restrict

using std::isfinite;
using std::isnan;

struct Dim {
  unsigned x = 1, y = 1, z = 1;
};

inline Dim threadIdx, blockIdx, blockDim, gridDim;

struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) double2 {
  double x, y;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline double2 make_double2(double x, double y) { return {x, y}; }

template <class T>
T max(T a, T b) {
  return a < b ? b : a;
}
template <class T>
T min(T a, T b) {
  return b < a ? b : a;
}

template <class To, class From>
To bits_as(From v) {
  To to;
  std::memcpy(&to, &v, sizeof to);
  return to;
}
inline float __int_as_float(int v) { return bits_as<float>(v); }
inline float __uint_as_float(unsigned v) { return bits_as<float>(v); }
inline int __float_as_int(float v) { return bits_as<int>(v); }
inline unsigned __float_as_uint(float v) { return bits_as<unsigned>(v); }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __sinf(float v) { return std::sin(v); }
inline float __expf(float v) { return std::exp(v); }
inline float __fdividef(float a, float b) { return a / b; }

namespace emulator {

inline void begin_block(int threads);
inline void end_block(int shared_bytes);
inline void run_cluster(const std::function<void()>& body, int threads, int blocks, int shared_bytes);

// Entries whose blocks are there together, and how many.
inline std::map<const void*, int> clusters;

struct InClusters {
  template <class Entry>
  InClusters(Entry entry, int blocks) {
    clusters[reinterpret_cast<const void*>(entry)] = blocks;
  }
};
#define SYRINX_CLUSTERS_OF(entry, blocks) const emulator::InClusters in_clusters_##entry(entry, blocks);

// Threads that wait for each other: a warp or a block. Those that ended are not waited for.
struct Barrier {
  int live = 0;
  int arrived = 0;
  unsigned generation = 0;

  void release() {
    if (arrived > 0 && arrived == live) {
      arrived = 0;
      generation++;
    }
  }
};

struct Fiber {
  ucontext_t context;
  Dim index;
  bool done;
  const std::function<void()>* body;
};

// Threads that waited for earlier launches, of all that ran.
inline int64_t threads_run, threads_waited;

inline ucontext_t scheduler;
inline Fiber* running;
inline Barrier block;
inline std::vector<Barrier> warps;
inline std::vector<uint64_t> lanes;

inline void yield() { swapcontext(&running->context, &scheduler); }

inline void wait(Barrier& barrier) {
  const unsigned before = barrier.generation;
  barrier.arrived++;
  barrier.release();
  while (barrier.generation == before) {
    yield();
  }
}

inline void end(Barrier& barrier) {
  barrier.live--;
  barrier.release();
}

inline void start() {
  (*running->body)();
  running->done = true;
  end(block);
  end(warps[running->index.x / 32]);
  yield();
}

template <class T>
T shuffle(T v, int other) {
  static_assert(sizeof(T) <= 8);
  Barrier& warp = warps[threadIdx.x / 32];
  std::memcpy(&lanes[threadIdx.x], &v, sizeof v);
  wait(warp);
  std::memcpy(&v, &lanes[threadIdx.x / 32 * 32 + other], sizeof v);
  wait(warp);
  return v;
}

constexpr size_t STACK = 64 * 1024;

// Turns for which a warp is held back: more than a sum over a block takes.
constexpr int HOLD = 40;

inline void run_block(const std::function<void()>& body, int threads, uint32_t& chance, std::vector<Fiber>& fibers, char* stacks) {
  block = {threads, 0, 0};
  begin_block(threads);
  warps.assign((threads + 31) / 32, {});
  lanes.assign(threads, 0);
  for (int i = 0; i < threads; i++) {
    warps[i / 32].live++;
    Fiber& f = fibers[i];
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = stacks + i * STACK;
    f.context.uc_stack.ss_size = STACK;
    f.context.uc_link = nullptr;
    f.index = {static_cast<unsigned>(i), 0, 0};
    f.done = false;
    f.body = &body;
    makecontext(&f.context, start, 0);
  }
  int held = 0;
  for (bool any = true; any; held++) {
    any = false;
    if (chance != 0 && held % HOLD == 0) {
      chance = chance * 1664525u + 1013904223u | 1u;
    }
    const unsigned slow = chance == 0 || warps.size() == 1 ? ~0u : (chance >> 16) % warps.size();
    for (int i = 0; i < threads; i++) {
      Fiber& f = fibers[i];
      if (!f.done) {
        any = true;
        if (f.index.x / 32 == slow) {
          continue;
        }
        running = &f;
        threadIdx = f.index;
        swapcontext(&scheduler, &f.context);
      }
    }
  }
}

// A value, or where there is one that is larger.
template <class P>
P argument(int64_t v) {
  if constexpr (sizeof(P) > sizeof v) {
    return *reinterpret_cast<const P*>(v);
  } else {
    return bits_as<P>(v);
  }
}

// grid: blocks in x, y, z, threads, 0 for turns in order, else a seed, bytes of dynamic shared memory; then room for whether all threads waited for
// earlier launches.
template <class... P, size_t... I>
void launch(void (*entry)(P...), const int64_t* values, int* grid, std::index_sequence<I...>) {
  gridDim = {static_cast<unsigned>(grid[0]), static_cast<unsigned>(grid[1]), static_cast<unsigned>(grid[2])};
  blockDim = {static_cast<unsigned>(grid[3]), 1, 1};
  const std::function<void()> body = [&] { entry(argument<std::remove_const_t<P>>(values[I])...); };
  std::vector<Fiber> fibers(grid[3]);
  uint32_t chance = static_cast<uint32_t>(grid[4]);
  threads_run = threads_waited = 0;
  static char* stacks = static_cast<char*>(std::malloc(1024 * STACK));
  const auto together = clusters.find(reinterpret_cast<const void*>(entry));
  if (together != clusters.end()) {
    for (unsigned x = 0; x < gridDim.x; x += together->second) {
      blockIdx = {x, 0, 0};
      run_cluster(body, grid[3], together->second, grid[5]);
      threads_run += static_cast<int64_t>(together->second) * grid[3];
    }
    return;
  }
  for (unsigned z = 0; z < gridDim.z; z++) {
    for (unsigned y = 0; y < gridDim.y; y++) {
      for (unsigned x = 0; x < gridDim.x; x++) {
        blockIdx = {x, y, z};
        run_block(body, grid[3], chance, fibers, stacks);
        end_block(grid[5]);
        threads_run += grid[3];
      }
    }
  }
}

template <class... P>
void launch(void (*entry)(P...), const int64_t* values, int* grid) {
  launch(entry, values, grid, std::index_sequence_for<P...>{});
  grid[6] = threads_waited == threads_run;
}

}  // namespace emulator

inline void begin_early() { emulator::threads_waited++; }

inline void __syncthreads() { emulator::wait(emulator::block); }
inline void __syncwarp(unsigned = 0xffffffffu) { emulator::wait(emulator::warps[threadIdx.x / 32]); }

template <class T>
T __shfl_xor_sync(unsigned, T v, int step) {
  return emulator::shuffle(v, static_cast<int>(threadIdx.x % 32) ^ step);
}

template <class T>
T __shfl_sync(unsigned, T v, int lane) {
  return emulator::shuffle(v, lane);
}

template <class T>
T __shfl_down_sync(unsigned, T v, unsigned step) {
  const unsigned lane = threadIdx.x % 32;
  return emulator::shuffle(v, static_cast<int>(lane + step < 32 ? lane + step : lane));
}

inline unsigned __reduce_add_sync(unsigned, unsigned v) {
  for (int step = 16; step > 0; step /= 2) {
    v += emulator::shuffle(v, static_cast<int>(threadIdx.x % 32) ^ step);
  }
  return v;
}

template <class Combine>
unsigned reduce_warp(unsigned v, Combine combine) {
  for (int step = 16; step > 0; step /= 2) {
    v = combine(v, emulator::shuffle(v, static_cast<int>(threadIdx.x % 32) ^ step));
  }
  return v;
}
inline unsigned __reduce_or_sync(unsigned, unsigned v) { return reduce_warp(v, [](unsigned a, unsigned b) { return a | b; }); }
inline unsigned __reduce_min_sync(unsigned, unsigned v) { return reduce_warp(v, [](unsigned a, unsigned b) { return a < b ? a : b; }); }
inline unsigned __reduce_max_sync(unsigned, unsigned v) { return reduce_warp(v, [](unsigned a, unsigned b) { return a > b ? a : b; }); }

inline int __syncthreads_count(bool v) {
  static int count;
  count = 0;
  __syncthreads();
  count += v;
  __syncthreads();
  const int all = count;
  __syncthreads();
  return all;
}
inline int __syncthreads_or(bool v) { return __syncthreads_count(v) > 0; }

inline unsigned __ballot_sync(unsigned, bool v) { return __reduce_add_sync(0xffffffffu, v ? 1u << threadIdx.x % 32 : 0u); }

inline int atomicAdd(int* at, int v) {
  const int before = *at;
  *at += v;
  return before;
}

inline unsigned atomicOr(unsigned* at, unsigned v) {
  const unsigned before = *at;
  *at |= v;
  return before;
}

inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __ffs(unsigned v) { return __builtin_ffs(static_cast<int>(v)); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(static_cast<unsigned>(v)); }
inline uint32_t __umulhi(uint32_t a, uint32_t b) { return static_cast<uint32_t>(static_cast<uint64_t>(a) * b >> 32); }
inline unsigned long long __double2ull_rn(double v) { return static_cast<unsigned long long>(std::nearbyint(v)); }
inline double __ull2double_rn(unsigned long long v) { return static_cast<double>(v); }

#include "instructions.h"
#include "clusters.h"
