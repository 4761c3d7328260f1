// What common/machine.cuh and common/wgmma.cuh have inline assembly for, emulated. An asynchronous copy happens when it is waited for and
// not before, so that a missing wait shows; what a warpgroup multiplies happens at once.
#pragma once

#include <algorithm>
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdio>
#include <cstdlib>

namespace emulator {

struct Copy {
  void* to;
  const void* from;
  int bytes, size;
};

struct Copies {
  std::vector<Copy> open;
  std::vector<std::vector<Copy>> groups;
};

inline std::vector<Copies> copies;
inline std::vector<const void*> rows;
constexpr int MOST_SHARED = 232448, MOST_TOGETHER = 4;
alignas(1024) inline unsigned char memories[MOST_TOGETHER][MOST_SHARED];
inline unsigned char* dynamic = memories[0];

// What lies behind a block's shared memory is as it was. Nobody could go on from here: the test run ends.
inline void end_block(int shared_bytes) {
  for (size_t i = static_cast<size_t>(shared_bytes); i < MOST_SHARED; i++) {
    if (dynamic[i] != 0xff) {
      std::fprintf(stderr, "a block wrote byte %zu, it has %d bytes of dynamic shared memory\n", i, shared_bytes);
      std::abort();
    }
  }
}

struct Fragment {
  uint32_t a[4], b[2];
};
inline std::vector<Fragment> fragments;

inline Barrier some, turns[8];

inline void begin_block(int threads) {
  copies.assign(threads, {});
  rows.assign(threads, nullptr);
  fragments.assign(threads, {});
  some = {};
  std::fill(turns, turns + 8, Barrier());
  std::memset(dynamic, 0xff, MOST_SHARED);
}

inline const std::vector<float> halves = [] {
  std::vector<float> all(65536);
  for (int i = 0; i < 65536; i++) {
    __half h;
    h.bits = static_cast<uint16_t>(i);
    all[i] = __half2float(h);
  }
  return all;
}();

inline float widened(uint16_t bits, __half) { return halves.data()[bits]; }
inline float widened(uint16_t bits, __nv_bfloat16) {
  __nv_bfloat16 h;
  h.bits = bits;
  return __bfloat162float(h);
}

// Element k of 16 of row r of 16 of the warp's left factor.
template <class H>
float left(int r, int k, H h) {
  const Fragment& f = fragments[threadIdx.x / 32 * 32 + r % 8 * 4 + k % 8 / 2];
  return widened(static_cast<uint16_t>(f.a[r / 8 + k / 8 * 2] >> 16 * (k % 2)), h);
}

}  // namespace emulator

#define SYRINX_DYNAMIC_SHARED(name) unsigned char* name = emulator::dynamic

inline void copy16(void* to, const void* from, int bytes) { emulator::copies[threadIdx.x].open.push_back({to, from, bytes, 16}); }
inline void copy4(void* to, const void* from, bool read) { emulator::copies[threadIdx.x].open.push_back({to, from, read ? 4 : 0, 4}); }

inline void copy_commit() {
  emulator::Copies& mine = emulator::copies[threadIdx.x];
  mine.groups.push_back(mine.open);
  mine.open.clear();
}

template <int Pending>
void copy_wait() {
  emulator::Copies& mine = emulator::copies[threadIdx.x];
  while (mine.groups.size() > Pending) {
    for (const emulator::Copy& c : mine.groups.front()) {
      std::memset(c.to, 0, c.size);
      std::memcpy(c.to, c.from, c.bytes);
    }
    mine.groups.erase(mine.groups.begin());
  }
}

struct alignas(16) uint4 {
  uint32_t x, y, z, w;
};
struct alignas(8) uint2 {
  uint32_t x, y;
};
inline uint4 make_uint4(uint32_t x, uint32_t y, uint32_t z, uint32_t w) { return {x, y, z, w}; }
inline uint2 make_uint2(uint32_t x, uint32_t y) { return {x, y}; }

inline uint4 load_stream(const void* p) { return *static_cast<const uint4*>(p); }
inline float power_of_two(float x) { return x < -126 ? 0.0f : std::exp2(x); }
inline float reciprocal_of(float x) { return 1.0f / x; }

inline uint32_t __byte_perm(uint32_t x, uint32_t y, uint32_t select) {
  const uint64_t both = static_cast<uint64_t>(y) << 32 | x;
  uint32_t r = 0;
  for (int i = 0; i < 4; i++) {
    r |= static_cast<uint32_t>(both >> 8 * (select >> 4 * i & 7) & 0xff) << 8 * i;
  }
  return r;
}

inline void load_fragments(uint32_t (&r)[4], const void* row) {
  emulator::rows[threadIdx.x] = row;
  __syncwarp();
  for (int i = 0; i < 4; i++) {
    const char* from = static_cast<const char*>(emulator::rows[threadIdx.x / 32 * 32 + i * 8 + threadIdx.x % 32 / 4]);
    std::memcpy(&r[i], from + threadIdx.x % 4 * 4, 4);
  }
  __syncwarp();
}

inline void load_fragments_transposed(uint32_t (&r)[4], const void* row) {
  emulator::rows[threadIdx.x] = row;
  __syncwarp();
  for (int i = 0; i < 4; i++) {
    uint16_t pair[2];
    for (int k = 0; k < 2; k++) {
      const char* from = static_cast<const char*>(emulator::rows[threadIdx.x / 32 * 32 + i * 8 + threadIdx.x % 4 * 2 + k]);
      std::memcpy(&pair[k], from + threadIdx.x % 32 / 4 * 2, 2);
    }
    std::memcpy(&r[i], pair, 4);
  }
  __syncwarp();
}

template <class H>
void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1, H h) {
  emulator::fragments[threadIdx.x] = {{a[0], a[1], a[2], a[3]}, {b0, b1}};
  __syncwarp();
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    const int r = lane / 4 + i / 2 * 8, n = lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; k++) {
      const emulator::Fragment& f = emulator::fragments[threadIdx.x / 32 * 32 + n * 4 + k % 8 / 2];
      d[i] += emulator::left(r, k, h) * emulator::widened(static_cast<uint16_t>(f.b[k / 8] >> 16 * (k % 2)), h);
    }
  }
  __syncwarp();
}

inline void fence_for_groups() {}
inline void group_begin() {}
inline void group_commit() {}
inline void group_wait() {}
inline void group_wait_but_one() {}

namespace emulator {

struct Arrivals {
  uint16_t count;
  uint16_t arrived : 15, phase : 1;
  int32_t bytes;  // that are announced and not there

  void pass() {
    if (arrived == count && bytes == 0) {
      arrived = 0;
      phase ^= 1;
    }
  }
};
static_assert(sizeof(Arrivals) == sizeof(uint64_t));

}  // namespace emulator

inline void barrier_init(uint64_t* barrier, int count) {
  const emulator::Arrivals made = {static_cast<uint16_t>(count), 0, 0, 0};
  std::memcpy(barrier, &made, sizeof made);
}

inline void barrier_arrive(uint64_t* barrier) {
  auto* at = reinterpret_cast<emulator::Arrivals*>(barrier);
  at->arrived++;
  at->pass();
}

inline void barrier_expect(uint64_t* barrier, int bytes) {
  auto* at = reinterpret_cast<emulator::Arrivals*>(barrier);
  at->bytes += bytes;
  at->arrived++;
  at->pass();
}

inline void barrier_arrive_copies(uint64_t* barrier) {
  copy_commit();
  copy_wait<0>();
  barrier_arrive(barrier);
}

inline void barrier_wait(uint64_t* barrier, uint32_t parity) {
  while (reinterpret_cast<emulator::Arrivals*>(barrier)->phase == parity) {
    emulator::yield();
  }
}

inline void fence_barriers() {}

// As the tests write it: see Emulator.java.
struct TensorMap {
  int64_t address, columns, rows, batches, row_stride, batch_stride, box_rows, unused[9];
};
static_assert(sizeof(TensorMap) == 128);

inline void tensor_copy(void* to, const TensorMap& map, int column, int row, int batch, uint64_t* barrier) {
  const auto* from = reinterpret_cast<const uint16_t*>(map.address);
  for (int64_t r = 0; r < map.box_rows; r++) {
    for (int64_t c = 0; c < 64; c++) {
      const bool inside = row + r >= 0 && row + r < map.rows && column + c >= 0 && column + c < map.columns && batch >= 0 && batch < map.batches;
      const uint16_t v = inside ? from[batch * map.batch_stride + (row + r) * map.row_stride + column + c] : 0;
      char* place = static_cast<char*>(to) + r * 128;
      std::memcpy(place + ((c / 8) ^ (reinterpret_cast<uintptr_t>(place) >> 7 & 7)) * 16 + c % 8 * 2, &v, 2);
    }
  }
  auto* at = reinterpret_cast<emulator::Arrivals*>(barrier);
  at->bytes -= static_cast<int32_t>(map.box_rows * 128);
  at->pass();
}

inline void expect_map(const TensorMap&) {}

template <int N>
void registers_give() {}
template <int N>
void registers_take() {}

template <int N>
void sync_threads() {
  emulator::some.live = N;
  emulator::wait(emulator::some);
}

template <int N>
void turn_wait(int turn) {
  emulator::turns[turn].live = 2 * N;
  emulator::wait(emulator::turns[turn]);
}

template <int N>
void turn_pass(int turn) {
  emulator::Barrier& barrier = emulator::turns[turn];
  barrier.live = 2 * N;
  barrier.arrived++;
  barrier.release();
}

// Tiles lie at multiples of 1024 bytes, as the swizzle wants it.
template <class H>
float swizzled(const void* tile, int row, int k, H h) {
  const char* at = static_cast<const char*>(tile) + row * 128;
  uint16_t bits;
  std::memcpy(&bits, at + ((k / 8) ^ (reinterpret_cast<uintptr_t>(at) >> 7 & 7)) * 16 + k % 8 * 2, 2);
  return emulator::widened(bits, h);
}

template <int N, class H>
void group_multiply(float (&d)[N / 2], const void* x, const void* w, int step) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
  for (int i = 0; i < N / 2; i++) {
    const int r = warp * 16 + lane / 4 + i % 4 / 2 * 8, n = i / 4 * 8 + lane % 4 * 2 + i % 2;
    for (int k = 16 * step; k < 16 * step + 16; k++) {
      d[i] += swizzled(x, r, k, H()) * swizzled(w, n, k, H());
    }
  }
}

inline void group_multiply_rows(float (&d)[32], const uint32_t (&a)[4], const void* b) {
  emulator::fragments[threadIdx.x] = {{a[0], a[1], a[2], a[3]}, {}};
  __syncwarp();
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 32; i++) {
    const int r = lane / 4 + i % 4 / 2 * 8, n = i / 4 * 8 + lane % 4 * 2 + i % 2;
    for (int k = 0; k < 16; k++) {
      d[i] += emulator::left(r, k, __half()) * swizzled(b, k, n, __half());
    }
  }
  __syncwarp();
}
