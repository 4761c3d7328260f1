// Blocks of a cluster: all their threads take turns, block after block, and each block keeps what the emulator knows of it. Such kernels have dynamic shared
// memory alone.
#pragma once

namespace emulator {

// What is known of a block whose threads do not run at the moment.
struct Seat {
  Barrier own_block, own_some, own_turns[8];
  std::vector<Barrier> own_warps;
  std::vector<uint64_t> own_lanes;
  std::vector<Copies> own_copies;
  std::vector<const void*> own_rows;
  std::vector<Fragment> own_fragments;
  unsigned char* memory;
  std::vector<Fiber> fibers;

  void swap() {
    std::swap(block, own_block);
    std::swap(some, own_some);
    std::swap(turns, own_turns);
    std::swap(warps, own_warps);
    std::swap(lanes, own_lanes);
    std::swap(copies, own_copies);
    std::swap(rows, own_rows);
    std::swap(fragments, own_fragments);
    std::swap(dynamic, memory);
  }
};

inline Barrier cluster;
inline int cluster_blocks;
inline std::vector<unsigned> arrived_in;  // generation of the cluster's barrier in which each thread arrived

inline unsigned& my_arrival() { return arrived_in[blockIdx.x % cluster_blocks * blockDim.x + threadIdx.x]; }

inline void take_seat(Seat& seat, const std::function<void()>& body, int threads, char* stacks) {
  seat.swap();
  block = {threads, 0, 0};
  begin_block(threads);
  warps.assign((threads + 31) / 32, {});
  lanes.assign(threads, 0);
  seat.fibers.resize(threads);
  for (int i = 0; i < threads; i++) {
    Fiber& f = seat.fibers[i];
    warps[i / 32].live++;
    getcontext(&f.context);
    f.context.uc_stack.ss_sp = stacks + i * STACK;
    f.context.uc_stack.ss_size = STACK;
    f.context.uc_link = nullptr;
    f.index = {static_cast<unsigned>(i), 0, 0};
    f.done = false;
    f.body = &body;
    makecontext(&f.context, start, 0);
  }
  seat.swap();
}

// Whether threads of the block are left.
inline bool turn_of(Seat& seat) {
  bool any = false;
  seat.swap();
  for (Fiber& f : seat.fibers) {
    if (!f.done) {
      any = true;
      running = &f;
      threadIdx = f.index;
      swapcontext(&scheduler, &f.context);
      if (f.done) {
        end(cluster);
      }
    }
  }
  seat.swap();
  return any;
}

inline void run_cluster(const std::function<void()>& body, int threads, int blocks, int shared_bytes) {
  static char* stacks = static_cast<char*>(std::malloc(MOST_TOGETHER * 1024 * STACK));
  const unsigned first = blockIdx.x;
  std::vector<Seat> seats(blocks);
  cluster = {blocks * threads, 0, 0};
  cluster_blocks = blocks;
  arrived_in.assign(static_cast<size_t>(blocks) * threads, 0);
  for (int b = 0; b < blocks; b++) {
    seats[b].memory = memories[b];
    take_seat(seats[b], body, threads, stacks + b * 1024 * STACK);
  }
  for (bool any = true; any;) {
    any = false;
    for (int b = 0; b < blocks; b++) {
      blockIdx.x = first + static_cast<unsigned>(b);
      any = turn_of(seats[b]) || any;
    }
  }
  for (Seat& seat : seats) {
    std::swap(dynamic, seat.memory);
    end_block(shared_bytes);
    std::swap(dynamic, seat.memory);
  }
}

}  // namespace emulator

inline void cluster_arrive() {
  emulator::my_arrival() = emulator::cluster.generation;
  emulator::cluster.arrived++;
  emulator::cluster.release();
}

inline void cluster_wait() {
  while (emulator::cluster.generation == emulator::my_arrival()) {
    emulator::yield();
  }
}

inline void cluster_send(float* p, int block, float v, uint64_t* barrier) {
  const auto there = [&](void* own) { return emulator::memories[block] + (static_cast<unsigned char*>(own) - emulator::dynamic); };
  *reinterpret_cast<float*>(there(p)) = v;
  auto* at = reinterpret_cast<emulator::Arrivals*>(there(barrier));
  at->bytes -= static_cast<int32_t>(sizeof v);
  at->pass();
}
