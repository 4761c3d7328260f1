// The ring of stages through which one warp feeds the others: bulk copies that report to barriers in shared memory.
#pragma once

#include <cstdint>

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

#if __CUDA_ARCH__ >= 900

__device__ __forceinline__ uint32_t shared_address(const void* p) { return static_cast<uint32_t>(__cvta_generic_to_shared(p)); }

__device__ __forceinline__ void barrier_init(uint64_t* bar, int count) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(bar)), "r"(count));
}

__device__ __forceinline__ void barrier_expect(uint64_t* bar, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(bar)), "r"(bytes) : "memory");
}

__device__ __forceinline__ void barrier_arrive(uint64_t* bar) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(bar)) : "memory");
}

__device__ __forceinline__ void barrier_wait(uint64_t* bar, uint32_t parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@done bra out;\n"
      "bra again;\n"
      "out:\n"
      "}\n" ::"r"(shared_address(bar)),
      "r"(parity)
      : "memory");
}

// Weights are read once a step and are many times the L2 cache: first to be evicted, so that caches and activations stay.
__device__ __forceinline__ void fetch(void* to, const void* from, uint32_t bytes, uint64_t* bar, uint64_t policy) {
  asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::"r"(shared_address(to)), "l"(from),
               "r"(bytes), "r"(shared_address(bar)), "l"(policy)
               : "memory");
}

__device__ __forceinline__ uint64_t evict_first() {
  uint64_t policy;
  asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

// The computing warps take registers over from the others.
__device__ __forceinline__ void take_registers() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
#endif
}

__device__ __forceinline__ void leave_registers() {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
#endif
}

struct Ring {
  uint64_t* full;
  uint64_t* empty;
  char* stages;
  int count;
  int at;
  uint32_t phase;

  __device__ char* stage() const { return stages + at * kStageBytes; }

  // A reader: until the stage has landed.
  __device__ void landed() const { barrier_wait(&full[at], phase); }

  // A reader's warp is done with the stage.
  __device__ void release() {
    __syncwarp();
    if (threadIdx.x % 32 == 0) {
      barrier_arrive(&empty[at]);
    }
    advance();
  }

  // The fetching warp: a free stage that will receive so many bytes.
  __device__ void claim(uint32_t bytes) const {
    barrier_wait(&empty[at], phase ^ 1);
    if (threadIdx.x % 32 == 0) {
      barrier_expect(&full[at], bytes);
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
