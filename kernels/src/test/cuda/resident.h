// A grid whose blocks are there all at once and wait for each other: all threads of all blocks take turns.
#pragma once

#include <array>
#include <cstdio>
#include <map>
#include <memory>

#include "emulator.h"

namespace emulator {

[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "emulated kernel: %s (block %u, thread %u)\n", what, blockIdx.x, threadIdx.x);
  std::abort();
}

// A barrier in shared memory: it turns when as many threads arrived and as many bytes landed as were announced.
struct Signal {
  int count, missing;
  int64_t bytes;
  uint32_t phase;

  void arrive() {
    missing--;
    turn();
  }

  void landed(int64_t arrived) {
    bytes -= arrived;
    turn();
  }

  void turn() {
    if (missing == 0 && bytes == 0) {
      missing = count;
      phase ^= 1;
    }
  }
};

struct Resident {
  Barrier all, named;
  std::vector<Barrier> own_warps;
  std::vector<uint64_t> own_lanes;
  std::vector<Fiber> fibers;
  std::map<uint64_t*, Signal> signals;
  std::vector<std::array<uint32_t, 6>> operands;
  std::vector<char> memory;
  size_t bytes;

  char* shared() {
    const uintptr_t at = reinterpret_cast<uintptr_t>(memory.data());
    return reinterpret_cast<char*>((at + 127) / 128 * 128);
  }

  // What the emulator knows of the block whose thread runs.
  void swap_in() {
    std::swap(block, all);
    std::swap(warps, own_warps);
    std::swap(lanes, own_lanes);
  }
};

inline Resident* resident;

inline void run_resident(const std::function<void()>& body, int blocks, int threads, size_t shared) {
  gridDim = {static_cast<unsigned>(blocks), 1, 1};
  blockDim = {static_cast<unsigned>(threads), 1, 1};
  std::vector<std::unique_ptr<Resident>> grid;
  std::unique_ptr<char[]> stacks(new char[STACK * blocks * threads]);
  for (int b = 0; b < blocks; b++) {
    auto made = std::make_unique<Resident>();
    made->all = {threads, 0, 0};
    made->own_warps.assign((threads + 31) / 32, {});
    made->own_lanes.assign(threads, 0);
    made->operands.resize(threads);
    made->memory.assign(shared + 256, '\xff');  // halves and floats of it are not numbers
    std::memset(made->shared() + shared, 0x5a, 64);
    made->fibers.resize(threads);
    for (int i = 0; i < threads; i++) {
      Fiber& f = made->fibers[i];
      made->own_warps[i / 32].live++;
      getcontext(&f.context);
      f.context.uc_stack.ss_sp = stacks.get() + STACK * (static_cast<size_t>(b) * threads + i);
      f.context.uc_stack.ss_size = STACK;
      f.context.uc_link = nullptr;
      f.index = {static_cast<unsigned>(i), 0, 0};
      f.done = false;
      f.body = &body;
      makecontext(&f.context, start, 0);
    }
    grid.push_back(std::move(made));
  }
  for (bool any = true; any;) {
    any = false;
    for (int b = 0; b < blocks; b++) {
      resident = grid[b].get();
      blockIdx = {static_cast<unsigned>(b), 0, 0};
      resident->swap_in();
      for (Fiber& f : resident->fibers) {
        if (!f.done) {
          any = true;
          running = &f;
          threadIdx = f.index;
          swapcontext(&scheduler, &f.context);
        }
      }
      resident->swap_in();
    }
  }
  for (auto& made : grid) {
    for (int i = 0; i < 64; i++) {
      if (made->shared()[shared + i] != 0x5a) {
        fail("wrote beyond its shared memory");
      }
    }
  }
}

}  // namespace emulator
