// Matrix products of a warpgroup (wgmma, sm_90a): 64 rows times N rows of 64 numbers, both in shared memory. Elsewhere the functions exist
// and trap.
#pragma once
#include "common/machine.cuh"

#ifndef SYRINX_EMU

// Shared memory that threads wrote will be read by the tensor cores.
__device__ __forceinline__ void fence_for_groups() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.proxy.async.shared::cta;\n" ::: "memory");
#endif
}

// Registers that threads wrote will be read or summed up by the tensor cores.
__device__ __forceinline__ void group_begin() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.fence.sync.aligned;\n" ::: "memory");
#endif
}

__device__ __forceinline__ void group_commit() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.commit_group.sync.aligned;\n" ::: "memory");
#endif
}

// Until all products are in the sums.
__device__ __forceinline__ void group_wait() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned 0;\n" ::: "memory");
#endif
}

// Until all products but those of the last group are.
__device__ __forceinline__ void group_wait_but_one() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("wgmma.wait_group.sync.aligned 1;\n" ::: "memory");
#endif
}

// A barrier in shared memory that `count` arrivals pass.
__device__ __forceinline__ void barrier_init(uint64_t* barrier, int count) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;\n" ::"r"(shared_address(barrier)), "r"(count) : "memory");
#endif
}

__device__ __forceinline__ void barrier_arrive(uint64_t* barrier) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];\n" ::"r"(shared_address(barrier)) : "memory");
#endif
}

// Arrives when this thread's asynchronous copies so far are there.
__device__ __forceinline__ void barrier_arrive_copies(uint64_t* barrier) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];\n" ::"r"(shared_address(barrier)) : "memory");
#endif
}

// Until the phase of this parity is over; a new barrier's phase 1 is.
__device__ __forceinline__ void barrier_wait(uint64_t* barrier, uint32_t parity) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile(
      "{\n.reg .pred p;\nagain:\nmbarrier.try_wait.parity.shared::cta.b64 p, [%0], %1;\n@p bra done;\nbra again;\ndone:\n}\n" ::"r"(
          shared_address(barrier)),
      "r"(parity)
      : "memory");
#endif
}

// Registers of a thread from here on, for all four warps of a group.
template <int N>
__device__ __forceinline__ void registers_give() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;\n" ::"n"(N));
#endif
}

template <int N>
__device__ __forceinline__ void registers_take() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;\n" ::"n"(N));
#endif
}

// A window on rows of 16-bit elements, through which the copy engine brings boxes of them to shared memory (CUtensorMap: the engine's host side
// makes it). What lies outside of the tensor arrives as zeros.
struct alignas(64) TensorMap {
  uint64_t opaque[16];
};

// Arrives, and announces that so many bytes will come.
__device__ __forceinline__ void barrier_expect(uint64_t* barrier, int bytes) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;\n" ::"r"(shared_address(barrier)), "r"(bytes) : "memory");
#endif
}

// New barriers are seen by the copy engine.
__device__ __forceinline__ void fence_barriers() {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("fence.mbarrier_init.release.cluster;\n" ::: "memory");
#endif
}

// The box that begins at a column and row of a batch, in rows of 128 bytes that are swizzled as the tensor cores want them. One thread asks for it;
// its bytes count at the barrier.
__device__ __forceinline__ void tensor_copy(void* to, const TensorMap& map, int column, int row, int batch, uint64_t* barrier) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];\n" ::"r"(shared_address(to)),
               "l"(&map), "r"(column), "r"(row), "r"(batch), "r"(shared_address(barrier))
               : "memory");
#endif
}

// The copy engine will use a window: its description is fetched.
__device__ __forceinline__ void expect_map(const TensorMap& map) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  asm volatile("prefetch.tensormap [%0];\n" ::"l"(&map) : "memory");
#endif
}

// A barrier of N threads of the block, which are always the same ones.
template <int N>
__device__ __forceinline__ void sync_threads() {
  asm volatile("bar.sync 1, %0;\n" ::"n"(N) : "memory");
}

// A group of N threads waits until the one before it has passed its turn on; barriers 2 to 9 are for turns.
template <int N>
__device__ __forceinline__ void turn_wait(int turn) {
  asm volatile("bar.sync %0, %1;\n" ::"r"(2 + turn), "n"(2 * N) : "memory");
}

template <int N>
__device__ __forceinline__ void turn_pass(int turn) {
  asm volatile("bar.arrive %0, %1;\n" ::"r"(2 + turn), "n"(2 * N) : "memory");
}

// How the tensor cores find columns 16 step to 16 step + 15 of rows of 128 bytes, whose runs of 16 bytes are swizzled: groups of eight rows
// are 1024 bytes apart (PTX ISA, matrix descriptor). The swizzle follows from an address's own bits, so that the first row may be any.
__device__ __forceinline__ uint64_t group_tile(const void* row, int step) {
  const uint64_t address = (shared_address(row) + 32 * step) & 0x3ffff;
  return address >> 4 | 1ull << 16 | static_cast<uint64_t>(1024 >> 4) << 32 | 1ull << 62;
}

// d[64][N] += x[64][16] · w[N][16], of which a lane of a warp has the same parts as in mma.m16n8k16, for N / 8 of them.
template <int N, class H>
__device__ __forceinline__ void group_multiply(float (&d)[N / 2], const void* x, const void* w, int step);

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define SYRINX_GROUP(n, type, H, registers, x_, w_, one, ...)                                                                            \
  template <>                                                                                                                            \
  __device__ __forceinline__ void group_multiply<n, H>(float (&d)[n / 2], const void* x, const void* w, int step) {                      \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" one ", 0;\nwgmma.mma_async.sync.aligned.m64n" #n "k16.f32." type "." type " {"     \
                 registers "}, %" x_ ", %" w_ ", p, 1, 1, 0, 0;\n}\n"                                                                    \
                 : __VA_ARGS__                                                                                                           \
                 : "l"(group_tile(x, step)), "l"(group_tile(w, step)), "r"(1));                                                          \
  }
#define SYRINX_FOUR(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define SYRINX_SIXTEEN(i) SYRINX_FOUR(i), SYRINX_FOUR(i + 4), SYRINX_FOUR(i + 8), SYRINX_FOUR(i + 12)

#define SYRINX_REGISTERS_32 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15"
SYRINX_GROUP(32, "f16", __half, SYRINX_REGISTERS_32, "16", "17", "18", SYRINX_SIXTEEN(0))
SYRINX_GROUP(32, "bf16", __nv_bfloat16, SYRINX_REGISTERS_32, "16", "17", "18", SYRINX_SIXTEEN(0))
#define SYRINX_REGISTERS_48 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23"
SYRINX_GROUP(48, "f16", __half, SYRINX_REGISTERS_48, "24", "25", "26", SYRINX_SIXTEEN(0), SYRINX_FOUR(16), SYRINX_FOUR(20))
SYRINX_GROUP(48, "bf16", __nv_bfloat16, SYRINX_REGISTERS_48, "24", "25", "26", SYRINX_SIXTEEN(0), SYRINX_FOUR(16), SYRINX_FOUR(20))
#define SYRINX_REGISTERS_56 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27"
SYRINX_GROUP(56, "f16", __half, SYRINX_REGISTERS_56, "28", "29", "30", SYRINX_SIXTEEN(0), SYRINX_FOUR(16), SYRINX_FOUR(20), SYRINX_FOUR(24))
#define SYRINX_REGISTERS_64 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
SYRINX_GROUP(64, "f16", __half, SYRINX_REGISTERS_64, "32", "33", "34", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16))
SYRINX_GROUP(64, "bf16", __nv_bfloat16, SYRINX_REGISTERS_64, "32", "33", "34", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16))
#define SYRINX_REGISTERS_80 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39"
SYRINX_GROUP(80, "f16", __half, SYRINX_REGISTERS_80, "40", "41", "42", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_FOUR(32), SYRINX_FOUR(36))
#define SYRINX_REGISTERS_88 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43"
SYRINX_GROUP(88, "f16", __half, SYRINX_REGISTERS_88, "44", "45", "46", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_FOUR(32), SYRINX_FOUR(36), SYRINX_FOUR(40))
#define SYRINX_REGISTERS_96 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47"
SYRINX_GROUP(96, "f16", __half, SYRINX_REGISTERS_96, "48", "49", "50", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32))
SYRINX_GROUP(96, "bf16", __nv_bfloat16, SYRINX_REGISTERS_96, "48", "49", "50", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32))
#define SYRINX_REGISTERS_104 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51"
SYRINX_GROUP(104, "f16", __half, SYRINX_REGISTERS_104, "52", "53", "54", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_FOUR(48))
#define SYRINX_REGISTERS_112 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55"
SYRINX_GROUP(112, "f16", __half, SYRINX_REGISTERS_112, "56", "57", "58", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_FOUR(48), SYRINX_FOUR(52))
#define SYRINX_REGISTERS_120 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59"
SYRINX_GROUP(120, "f16", __half, SYRINX_REGISTERS_120, "60", "61", "62", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_FOUR(48), SYRINX_FOUR(52), SYRINX_FOUR(56))
#define SYRINX_REGISTERS_128 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
SYRINX_GROUP(128, "f16", __half, SYRINX_REGISTERS_128, "64", "65", "66", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48))
SYRINX_GROUP(128, "bf16", __nv_bfloat16, SYRINX_REGISTERS_128, "64", "65", "66", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48))
#define SYRINX_REGISTERS_192 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, " \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95"
SYRINX_GROUP(192, "f16", __half, SYRINX_REGISTERS_192, "96", "97", "98", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48),
             SYRINX_SIXTEEN(64), SYRINX_SIXTEEN(80))
SYRINX_GROUP(192, "bf16", __nv_bfloat16, SYRINX_REGISTERS_192, "96", "97", "98", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48),
             SYRINX_SIXTEEN(64), SYRINX_SIXTEEN(80))
#define SYRINX_REGISTERS_256 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, " \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, " \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
SYRINX_GROUP(256, "f16", __half, SYRINX_REGISTERS_256, "128", "129", "130", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48),
             SYRINX_SIXTEEN(64), SYRINX_SIXTEEN(80), SYRINX_SIXTEEN(96), SYRINX_SIXTEEN(112))
SYRINX_GROUP(256, "bf16", __nv_bfloat16, SYRINX_REGISTERS_256, "128", "129", "130", SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16), SYRINX_SIXTEEN(32), SYRINX_SIXTEEN(48),
             SYRINX_SIXTEEN(64), SYRINX_SIXTEEN(80), SYRINX_SIXTEEN(96), SYRINX_SIXTEEN(112))

// d[64][64] += a[64][16] · b[16][64]: a lane has of a what it has in mma.m16n8k16; b's rows of 64 numbers lie in shared memory.
__device__ __forceinline__ void group_multiply_rows(float (&d)[32], const uint32_t (&a)[4], const void* b) {
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\nwgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, "
               "%13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, {%32, %33, %34, %35}, %36, p, 1, 1, 1;\n}\n"
               : SYRINX_SIXTEEN(0), SYRINX_SIXTEEN(16)
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(group_tile(b, 0)), "r"(1));
}
#else
__device__ __forceinline__ void group_multiply_rows(float (&)[32], const uint32_t (&)[4], const void*) { __trap(); }

template <int N, class H>
__device__ __forceinline__ void group_multiply(float (&)[N / 2], const void*, const void*, int) {
  __trap();
}
#endif

#endif
