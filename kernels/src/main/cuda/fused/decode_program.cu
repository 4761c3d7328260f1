// A decode step in one launch: a resident grid walks a list of instructions (gather, product, attention), with a barrier of the grid after each.
//
// Why: at batch 1 the step only streams weights. As separate kernels every stream ramps up anew (1.4 us each, 4 a layer: 58 % over the one unbroken stream).
// Here one warp of each block does nothing but fetch: it walks the products ahead of everybody else and keeps the ring of stages full, also while the other warps wait
// at the barrier, normalise or attend. Weights do not depend on activations, so it never waits for anything but free stages.
//
// Ladder (H100, 24 layers of 1280, fp16 weights, context 340), us a step of 1 and 3 rows                                predicted   got
//   separate kernels in a graph, 221 launches                                                                            900         1032, 1400
//   this, plain: every phase loads its own constants, rows one after the other                                           400         1093, 1527
//   constants, tables and the next instruction before the barrier; two rows and all of a piece's keys in flight          450         787, 1079
//   numbers with tags in 64-bit words that readers wait for, instead of barriers (dropped: the waiting slows the stream) 480         914, 1320
//   tensor cores; exchanges instead of fences; each lane reads its inputs from L2, positions staged like weights         430         1047, 1119
//   ... positions to registers before the barrier (small bulk copies are slow)                                           600         906, 1124
//   ... inputs made ready in shared memory, once a block (eight warps had asked L2 for each of them)                     520         674, 921
//   ... no divisions at run time, constants ahead, positions to L2 a phase or two before                                 500         654, 912
//   ... weights fetched at an even pace instead of as stages get free (dropped: nothing)                                 550         675, 920
//   ... one loop for all groups of rows, two shapes of a norm instead of four: a third less code                        600         614, 895
//   ... nobody waits for exchanges: a number's lowest bit tells that it has arrived, readers look again (dropped)        510         785, 1200
//   ... exchanges as before, what all blocks read in 8 copies (4 of long rows), each for some blocks (dropped)           580         665, 1143
//   ... the same, and the next stage on its way to registers while this one is multiplied (dropped)                      550         675, 1150
//   from 614, 895: numbers in an exchange where nothing was before, so that none is waited for on its way out            510         849, 1150  loads under conditions: one after the other
//   ... loads without conditions; nothing written for others twice, so no answers to wait for                            500         653, 952
//   ... where an output goes is worked out before the barrier; an attention's pieces without shared memory               600         625, 958
//   ... one stage of weights on its way instead of four                                                                 560         564, 914
//   ... two halves of a stage on their way; three (dropped)                                                              550         592, 928; 606, 939
//   ... two halves, and pieces of 192 positions, so that three sequences' are one for each block (64: 628, 1007)         570         576, 802
//   ... one stage on its way, pieces of 192                                                                             550         561, 785
//   ... half a stage on its way, pieces of 192                                                                          560         539, 770
//   the same on another day                                                                                             -           553, 784
//   keys and values in halves, pieces of 320: three sequences' are one for each block up to 640 positions               500, 650    545, 753    whole steps at 390: 983 to 793
//   two teams of eight warps that take turns with the stages (dropped: a phase waits for inputs, not for stages)         500, 700    669, 957    old in that run: 549, 760
//   two pieces of equal size; 16 bytes a lane of keys; query once a block; one branch for all inputs; no reset            505, 690    516, 681    old in that run: 550, 761
//   whole steps, choice of the code included, contexts 90 to 590                                                          -           538, 719    2 and 4 rows: 647, 894
//   constants of a product into L2 by the warp that fetches; old positions asked for behind the newest                   530, 710    532, 712    631, 881
//   ... sixteen warps that compute instead of eight (dropped)                                                           530, 670    607, 804    713, 929
//   ... the wide layer between its products kept in its block, parts of the second summed a phase later (dropped)        500, 640    592, 735    the program alone, old: 514, 679
//
// What a profiler of instructions said of the rung of 614: 4 % of the warps' time waits for instructions, so it is not their cache; 45 % waits in barriers. What a kernel of its own
// said that only exchanges numbers: 3400 to 3900 cycles for a barrier with its exchange and the reading of 5 or 20 KB by all blocks, next to 6500 in this one. The difference is the
// stream of weights: what is on its way fills the queues in front of L2, and loads of what is already there wait in them. Clusters of 2 to 16 blocks that read once and hand the
// numbers on to each other's shared memory: 3700 to 5600, no gain for one sequence, and 120 blocks at most.
//
// What 3 rows cost more than 1, in cycles of a layer by marks in the kernel, which slow it down by a sixth (before the last rung: 70000 and 52000): norms 3700, an attention put together
// 4400, a plain product's inputs 2500, waiting for inputs 3400, keys and values to registers 3400; products nothing.
// Behind the last rung 3 rows still wait 2500 to 5700 for inputs, longest for an attention's pieces, and 3200 for keys and values.
//
// Sums are in a fixed order that depends on k and the type alone: a sequence gives the same bytes in any batch, on any number of blocks.
#include "fused/attend.cuh"
#include "fused/product.cuh"

namespace {

#if __CUDA_ARCH__ >= 900

// Fetches a product's weights.
template <class W>
__device__ __forceinline__ void fetch_weights(const Instruction& in, Ring& ring, bool& first, uint64_t policy) {
  const int lane = threadIdx.x % 32;
  const int row_bytes = in.k * static_cast<int>(sizeof(W));
  int from, to;
  share(in, from, to);
  for (int group = from; group < to; group += kGroup) {
    const int rows = min(kGroup, to - group);
    for (int part = 0; part < row_bytes; part += kPartBytes) {
      const int bytes = min(kPartBytes, row_bytes - part);
      const char* row = static_cast<const char*>(in.w) + static_cast<int64_t>(group + lane) * row_bytes + part;
      ring.claim();
      ring.expect_first(min(rows, kHalf) * bytes, first);
      if (lane < min(rows, kHalf)) {
        fetch(ring.stage() + lane * kPitch, row, bytes, &ring.half[ring.at], policy);
      }
      ring.expect_others(max(rows - kHalf, 0) * bytes);
      if (lane >= kHalf && lane < rows) {
        fetch(ring.stage() + lane * kPitch, row, bytes, &ring.full[ring.at], policy);
      }
      ring.advance();
      first = false;
    }
  }
}

// Bias and scale of this block's rows, and its part of the norm in front of all, into the L2 cache: nobody has read them since the last launch.
__device__ __forceinline__ void prefetch_constants(const Instruction& in) {
  constexpr int kLine = 32;  // floats
  const int lane = threadIdx.x % 32;
  int from, to;
  share(in, from, to);
  const auto line = [](const float* of, int at, int end) {
    if (of && at < end) {
      prefetch(of + at);
    }
  };
  line(in.bias, from + lane * kLine, to);
  line(in.scale, from + lane * kLine, to);
  const int shared = (lane * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x)) * kLine;
  line(in.gain, shared, in.k);
  line(in.shift, shared, in.k);
}

// The fetching warp: all weights, in the order in which they are needed.
template <class W>
__device__ __forceinline__ void produce(const Instruction* program, int count, Ring ring) {
  const uint64_t policy = evict_first();
  bool first = true;
  for (int i = 0; i < count; i++) {
    if (program[i].op == kProduct) {
      prefetch_constants(program[i]);
      fetch_weights<W>(program[i], ring, first, policy);
    } else if (program[i].op == kAttend) {
      prefetch_positions<typename CacheOf<W>::Type>(program[i]);
    }
  }
}

__device__ __forceinline__ void gather(const Instruction& in, float* exchange) {
  for (int i = blockIdx.x * kConsumers + threadIdx.x; i < in.rows * in.k; i += gridDim.x * kConsumers) {
    const int b = i / in.k;
    const int c = i - b * in.k;
    float v = __ldg(in.x + static_cast<int64_t>(__ldcg(in.slots + b)) * in.x_row + c);
    if (in.w) {
      v += __ldg(static_cast<const float*>(in.w) + static_cast<int64_t>(__ldcg(in.table + b)) * in.table_row + c);
    }
    offer(exchange + in.out + b * in.out_row + c, v);
    if (in.y) {
      in.y[static_cast<int64_t>(b) * in.y_row + c] = v;
    }
  }
}

// Every block normalises all; each offers what falls to it.
__device__ __forceinline__ void norm(const Instruction& in, const Norm& norm, const Space& space) {
  for_rows(in.rows, [&](auto rows) {
    layer_norm<decltype(rows)::value>(in, space.exchange + in.in, norm, space.few, [&](int b, int quad, float4 v) {
      if (quad % gridDim.x == blockIdx.x) {
        const float values[4] = {v.x, v.y, v.z, v.w};
#pragma unroll
        for (int i = 0; i < 4; i++) {
          offer(space.exchange + in.out + b * in.out_row + 4 * quad + i, values[i]);
          if (in.y) {
            in.y[static_cast<int64_t>(b) * in.y_row + 4 * quad + i] = values[i];
          }
        }
      }
    });
  });
}

__device__ __forceinline__ int instruction_word(const Instruction* from) {
  return threadIdx.x < sizeof(Instruction) / 4 ? __ldg(reinterpret_cast<const int*>(from) + threadIdx.x) : 0;
}

__device__ __forceinline__ void keep_instruction(Instruction* to, int word) {
  if (threadIdx.x < sizeof(Instruction) / 4) {
    reinterpret_cast<int*>(to)[threadIdx.x] = word;
  }
}

// The consuming warps' walk. Between the barrier's halves they fetch what the next instruction needs and none writes.
struct Walk {
  const Instruction* program;
  int count;
  unsigned* counter;
  Space space;
  int at;
  int next;  // a word of the next instruction

  __device__ __forceinline__ const Instruction& now() const { return space.code[at % 2]; }

  __device__ __forceinline__ void fetch_next() { next = instruction_word(program + min(at + 1, count - 1)); }

  __device__ __forceinline__ void arrive() {
    keep_instruction(space.code + (at + 1) % 2, next);
    arrive_all(counter);
    at++;
  }

  __device__ __forceinline__ void await() const { await_all(counter, at); }
};

template <class C>
__device__ __forceinline__ void look_ahead_to(const Instruction& in, float* exchange, ProductAhead& ahead) {
  ahead = {};  // or its registers would be kept through every phase
  if (in.op == kProduct) {
    look_ahead<C>(in, exchange, ahead);
  } else if (in.op == kNorm) {
    ahead.inputs.norm.fetch(in);
  }
}

// After a product, whose blocks have yet to arrive.
template <class C>
__device__ __forceinline__ void attend(Walk& walk, AttendAhead<C>& ahead) {
  const Instruction& in = walk.now();
  look_ahead<C>(in, ahead);
  walk.await();
  walk.fetch_next();
  attention<C>(in, ahead, walk.space.exchange, walk.space.sums);
  walk.arrive();
}

template <class W>
__device__ __forceinline__ void consume(Walk walk, Ring ring) {
  using C = typename CacheOf<W>::Type;
  const Space& space = walk.space;
  ProductAhead ahead;
  AttendAhead<C> attended;
  keep_instruction(space.code, instruction_word(walk.program));
  meet();
  look_ahead_to<C>(walk.now(), space.exchange, ahead);
  while (true) {
    const Instruction& in = walk.now();
    walk.fetch_next();
    switch (in.op) {
      case kGather: gather(in, space.exchange); break;
      case kNorm: norm(in, ahead.inputs.norm, space); break;
      default: product<W>(in, ahead, ring, space); break;
    }
    if (walk.at + 1 == walk.count) {
      return;
    }
    walk.arrive();
    if (walk.now().op == kAttend) {
      attend<C>(walk, attended);
    }
    look_ahead_to<C>(walk.now(), space.exchange, ahead);
    walk.await();
  }
}

// Two exchanges take turns: this launch empties the next one's. By the warps that have nothing else to do.
__device__ __forceinline__ void empty(float* exchange, int floats) {
  constexpr int kIdle = kThreads - kConsumers - 32;
  const float4 nothing = make_float4(__uint_as_float(kNothing), __uint_as_float(kNothing), __uint_as_float(kNothing), __uint_as_float(kNothing));
  for (int i = blockIdx.x * kIdle + threadIdx.x - (kConsumers + 32); i < floats / 4; i += gridDim.x * kIdle) {
    reinterpret_cast<float4*>(exchange)[i] = nothing;
  }
}

// Two barriers take turns, too, and the third word says whose turn it is. By one thread, behind this launch's last barrier: all blocks have begun, and know the turn.
__device__ __forceinline__ void next_turn(unsigned* counters, unsigned turn) {
  if (blockIdx.x == 0 && threadIdx.x == 0) {
    counters[1 - turn] = 0;
    counters[2] = 1 - turn;
  }
}

template <class W>
__device__ __forceinline__ void run(const Instruction* program, int count, unsigned* counters, float* exchange, int exchange_floats, int stages, int operand_bytes) {
  SYRINX_SHARED_BYTES(memory);
  uint64_t* bars = reinterpret_cast<uint64_t*>(memory);
  Space space;
  space.code = reinterpret_cast<Instruction*>(bars + 3 * kMaxStages);
  space.few = reinterpret_cast<float*>(space.code + 2);
  space.operands = memory + kFixedBytes + stages * kStageBytes;
  space.sums = reinterpret_cast<float*>(space.operands + operand_bytes);
  Ring ring{bars, bars + kMaxStages, bars + 2 * kMaxStages, memory + kFixedBytes, stages, 0, 0};
  if (threadIdx.x == 0) {
    for (int i = 0; i < stages; i++) {
      barrier_init(&ring.half[i], 1);
      barrier_init(&ring.full[i], 1);
      barrier_init(&ring.empty[i], kWarps);
    }
    barriers_made();
    space.code->rows = static_cast<int>(counters[2]);  // through shared memory: nobody reads it later than here
  }
  __syncthreads();
  const unsigned turn = space.code->rows;
  __syncthreads();
  space.exchange = exchange + static_cast<int64_t>(turn) * exchange_floats;
  if (threadIdx.x < kConsumers) {
    take_registers();
    consume<W>(Walk{program, count, counters + turn, space, 0, 0}, ring);
    next_turn(counters, turn);
  } else {
    leave_registers();
    if (threadIdx.x < kConsumers + 32) {
      produce<W>(program, count, ring);
    } else {
      empty(exchange + static_cast<int64_t>(1 - turn) * exchange_floats, exchange_floats);
    }
  }
}

#else

template <class W>
__device__ __forceinline__ void run(const Instruction*, int, unsigned*, float*, int, int, int) {
  __trap();  // needs compute capability 9.0: DecodeProgram.java declines older devices
}

#endif

}  // namespace

#define DECODE_PROGRAM(name, type)                                                                                                                     \
  extern "C" __global__ void __launch_bounds__(kThreads, 1) name(const Instruction* program, int count, unsigned* counters, float* exchange, int floats, \
                                                                  int stages, int operand_bytes) {                                                      \
    run<type>(program, count, counters, exchange, floats, stages, operand_bytes);                                                                         \
  }

// A block has 168 registers for each thread, and the rarer of a phase's forms take a little local memory where they move between warps:
// Local memory of decode_program_f32: two words on 9.0.
// Local memory of decode_program_f16: two words on 9.0.
// Local memory of decode_program_bf16: two words on 9.0.
// Local memory of decode_program_i8: two words on 9.0.
DECODE_PROGRAM(decode_program_f32, float)
DECODE_PROGRAM(decode_program_f16, __half)
DECODE_PROGRAM(decode_program_bf16, __nv_bfloat16)
DECODE_PROGRAM(decode_program_i8, int8_t)
