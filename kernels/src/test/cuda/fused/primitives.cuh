// The instructions of src/main/cuda/fused/primitives.cuh for the emulator: what they do, not how they are ordered in memory. Copies land at once.
#pragma once

#include "half.h"
#include "resident.h"

#define SYRINX_SHARED_BYTES(name) char* name = emulator::resident->shared()

namespace {

using emulator::resident;

inline void barrier_init(uint64_t* bar, int count) { resident->signals[bar] = {count, count, 0, 0}; }

inline void barrier_expect(uint64_t* bar, uint32_t bytes) {
  resident->signals.at(bar).bytes += bytes;
  resident->signals.at(bar).arrive();
}

inline void barrier_arrive(uint64_t* bar) { resident->signals.at(bar).arrive(); }

inline void barrier_wait(uint64_t* bar, uint32_t parity) {
  while (resident->signals.at(bar).phase == parity) {
    emulator::yield();
  }
}

inline void fetch(void* to, const void* from, uint32_t bytes, uint64_t* bar, uint64_t) {
  if (reinterpret_cast<uintptr_t>(to) % 16 != 0 || reinterpret_cast<uintptr_t>(from) % 16 != 0 || bytes % 16 != 0) {
    emulator::fail("a bulk copy that is not aligned to 16 bytes");
  }
  std::memcpy(to, from, bytes);
  resident->signals.at(bar).landed(bytes);
}

inline uint64_t evict_first() { return 0; }
inline void take_registers() {}
inline void leave_registers() {}
inline void barriers_made() {}
inline void prefetch(const void*) {}
inline void prefetch(const void*, uint32_t) {}

template <int Threads>
void barrier_of() {
  resident->named.live = Threads;
  emulator::wait(resident->named);
}


inline void store(float* to, float v) { *to = v; }

// Looked at again and again: others must have their turns.
template <class V>
void look_at(const float* from, V& v) {
  emulator::yield();
  std::memcpy(&v, from, sizeof v);
}

inline void add_one(unsigned* counter) { ++*counter; }

inline unsigned look_at(const unsigned* counter) {
  emulator::yield();
  return *counter;
}

using Sums = float[4];

// Operands: a lane's four registers of the left matrix, its two of the right one, `each` inputs a register.
template <class Read>
void product_of_tiles(Sums& c, const uint32_t (&own)[6], int each, Read read) {
  auto& all = resident->operands;
  std::memcpy(all[threadIdx.x].data(), own, sizeof own);
  emulator::Barrier& warp = emulator::warps[threadIdx.x / 32];
  emulator::wait(warp);
  const unsigned base = threadIdx.x / 32 * 32, row = threadIdx.x % 32 / 4, column = threadIdx.x % 4 * 2;
  for (int i = 0; i < 4; i++) {
    for (unsigned t = 0; t < 4; t++) {
      const auto& left = all[base + row * 4 + t];
      const auto& right = all[base + (column + i % 2) * 4 + t];
      for (int half = 0; half < 2; half++) {
        for (int e = 0; e < each; e++) {
          c[i] += read(left[2 * half + i / 2], e) * read(right[4 + half], e);
        }
      }
    }
  }
  emulator::wait(warp);
}

inline float half_at(uint32_t bits, int e) { return __half2float(half_of(static_cast<uint16_t>(bits >> 16 * e))); }
inline float bfloat_at(uint32_t bits, int e) { return __bfloat162float(bfloat_of(static_cast<uint16_t>(bits >> 16 * e))); }
inline float tf32_at(uint32_t bits, int) { return __uint_as_float(bits & 0xffffe000u); }

inline void mma(Sums& c, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1, const __half*) {
  product_of_tiles(c, {a0, a1, a2, a3, b0, b1}, 2, half_at);
}
inline void mma(Sums& c, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1, const __nv_bfloat16*) {
  product_of_tiles(c, {a0, a1, a2, a3, b0, b1}, 2, bfloat_at);
}
inline void mma(Sums& c, uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0, uint32_t b1, const float*) {
  product_of_tiles(c, {a0, a1, a2, a3, b0, b1}, 1, tf32_at);
}

}  // namespace
