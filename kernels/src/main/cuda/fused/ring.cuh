// The ring of stages through which one warp feeds the others: bulk copies that report to barriers in shared memory.
#pragma once

#include "fused/primitives.cuh"

namespace {

constexpr int kWarps = 8;  // that compute
constexpr int kConsumers = kWarps * 32;
constexpr int kThreads = kConsumers + 128;  // and one that fetches, of a group of four: registers move between groups

// A stage holds 16 rows of a part of a product's inputs. The rows are apart by an odd multiple of 64 bytes: eight lanes read two of them without bank conflicts.
constexpr int kGroup = 16;
constexpr int kPartBytes = 2560;
constexpr int kPitch = kPartBytes + 64;
constexpr int kStageBytes = kGroup * kPitch;
constexpr int kMaxStages = 8;

constexpr int kHalf = kGroup / 2;

#if __CUDA_ARCH__ >= 900

struct Ring {
  uint64_t* half;  // its first rows have landed
  uint64_t* full;  // and the others
  uint64_t* empty;
  char* stages;
  int count;
  int at;
  uint32_t phase;

  __device__ char* stage() const { return stages + at * kStageBytes; }

  // A reader: until the stage has landed.
  __device__ void landed() const {
    barrier_wait(&half[at], phase);
    barrier_wait(&full[at], phase);
  }

  // A reader's warp is done with the stage.
  __device__ void release() {
    __syncwarp();
    if (threadIdx.x % 32 == 0) {
      barrier_arrive(&empty[at]);
    }
    advance();
  }

  // The fetching warp: a free stage.
  __device__ void claim() const { barrier_wait(&empty[at], phase ^ 1); }

  // And a half of it that will receive so many bytes, once the half before has landed. More on its way fills the queues in front of L2, and then the numbers that blocks tell each
  // other wait in them, too.
  __device__ void expect_first(uint32_t bytes, bool first) const {
    if (!first) {
      barrier_wait(&full[at > 0 ? at - 1 : count - 1], at > 0 ? phase : phase ^ 1);
    }
    expect(&half[at], bytes);
  }

  __device__ void expect_others(uint32_t bytes) const {
    barrier_wait(&half[at], phase);
    expect(&full[at], bytes);
  }

  __device__ static void expect(uint64_t* bar, uint32_t bytes) {
    if (threadIdx.x % 32 == 0) {
      barrier_expect(bar, bytes);
    }
    __syncwarp();
  }

  __device__ void advance() {
    if (++at == count) {
      at = 0;
      phase ^= 1;
    }
  }
};

#endif

}  // namespace
