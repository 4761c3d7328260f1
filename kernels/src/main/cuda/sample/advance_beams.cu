// What a step's draws say: one block for each sequence. One warp decides, a lane for each draw or beam; all copy and search. See AdvanceBeams.java for the rules and BeamBooks.java
// for the steps. What counts is how often loads wait for loads: what does not depend on the draws is on its way before they are looked at.
//
// Ladder (1 beam, 3 beams, 340 positions in blocks of 16, H100), us as graphs one after the other, where the smallest kernel takes 2.3: one thread decides, predicted 4, got 6.5, 9.2; a
// warp, predicted 2, got 4.6, 6.5. All three of the choice in one graph: 42.0, 68.5 before, 18.0, 28.6 after.
#include <stdint.h>

#include "common/machine.cuh"

namespace {

constexpr int kThreads = 256;
constexpr int kMostBeams = 16;
constexpr int kMostBlocks = 8192;
constexpr int kPrompt = 2;   // ids of a history that stand for the prompt
constexpr int kRanks = 64;   // most draws of a step
enum End { kOpen = 0, kStopped = 1, kFull = 2, kBroken = 3, kNoRoom = 4 };

struct Books {
  const int* drawn;
  const float* picked;
  const int *beams, *most;
  const float* penalty;
  const int *owned, *held;
  int *steps, *ends, *kept, *spare;
  float* sums;
  int *history, *finished;
  float* finished_sums;
  int *finished_at, *table, *marks, *lengths, *ids, *positions, *slots, *pairs, *fills;
  int vocabulary, stop, block_size;
  int drawn_row, picked_row, owned_row, history_row, finished_row, table_row, pairs_row;
  int sequences, draws, rows, capacity, blocks, allotment, chain;
};

// What the deciding warp tells the others.
struct Decision {
  int parents[kMostBeams];
  int tokens[kMostBeams];
  int copies[kMostBeams];       // hypothesis b takes over the history of beam copies[b], or -1
  int newest[kMostBeams];       // block of each beam in which the newest position lies
  uint32_t free[kMostBlocks / 32];
  int end;
  bool broken, forking, finishing;
};

constexpr uint32_t kAll = 0xffffffffu;

struct Sequence {
  const Books& k;
  Decision& out;
  const int s, width, beams, first, step, held;

  __device__ Sequence(const Books& books, Decision& decision)
      : k(books), out(decision), s(blockIdx.x), width(books.rows / books.sequences), beams(min(max(books.beams[s], 1), width)), first(s * width), step(books.steps[s]),
        held(min(max(books.held[s], 0), books.allotment)) {}

  __device__ const int* drawn() const { return k.drawn + static_cast<int64_t>(s) * k.drawn_row; }
  __device__ const float* picked() const { return k.picked + static_cast<int64_t>(s) * k.picked_row; }
  __device__ int* history(int b) const { return k.history + static_cast<int64_t>(first + b) * k.history_row; }
  __device__ const int* owned() const { return k.owned + static_cast<int64_t>(s) * k.owned_row; }
  __device__ int* table(int b) const { return k.table + static_cast<int64_t>(first + b) * k.table_row; }

  // Without beams.
  __device__ int say() const {
    const int id = drawn()[0] % k.vocabulary;
    if (!(picked()[0] > -INFINITY) || step + kPrompt >= k.capacity) {
      return kBroken;
    }
    if (id == k.stop) {
      return kStopped;
    }
    history(0)[kPrompt + step] = id;
    k.ids[first] = id;
    return kOpen;
  }

  __device__ double normalised(float sum, int length) const { return sum / pow(static_cast<double>(length), static_cast<double>(k.penalty[s])); }
  __device__ double kept(int place) const { return normalised(k.finished_sums[first + place], k.finished_at[first + place] / kRanks + 1); }

  // The worst hypothesis, the earliest of them on a tie.
  __device__ int worst() const {
    int found = 0;
    for (int i = 1; i < beams; i++) {
      const double own = kept(i), other = kept(found);
      found = own < other || (own == other && k.finished_at[first + i] < k.finished_at[first + found]) ? i : found;
    }
    return found;
  }

  // One thread. History is copied by all, before it is forked.
  __device__ void finish(int& count, int beam, float sum, int rank) const {
    int place = count;
    if (count == beams) {
      place = worst();
      if (!(normalised(sum, step + 1) > kept(place))) {
        return;
      }
    }
    count = min(beams, count + 1);
    k.kept[s] = count;
    k.finished_sums[first + place] = sum;
    k.finished_at[first + place] = step * kRanks + rank;
    out.copies[place] = beam;
    out.finishing = true;
  }

  // With beams: the first warp, a lane for each draw. Lane 0 has the answer.
  __device__ int search() const {
    const int lane = threadIdx.x;
    const bool there = lane < 2 * beams;
    const float score = there ? picked()[lane] : -INFINITY;
    const int index = there ? drawn()[lane] : 0;
    int kept_before = min(k.kept[s], beams);
    if (__ballot_sync(kAll, score != score) != 0 || step + kPrompt >= k.capacity) {
      return kBroken;
    }
    int rank = 0;
    for (int i = 0; i < 2 * beams; i++) {
      const float other = __shfl_sync(kAll, score, i);
      rank += other > score || (other == score && i < lane);
    }
    const int beam = min(index / k.vocabulary, beams - 1), id = index % k.vocabulary;
    const uint32_t stops = __reduce_or_sync(kAll, there && id == k.stop ? 1u << rank : 0);
    for (uint32_t bits = stops & ((1u << beams) - 1); bits != 0; bits &= bits - 1) {
      const int at = __ffs(static_cast<int>(bits)) - 1, who = __ffs(static_cast<int>(__ballot_sync(kAll, there && rank == at))) - 1;
      const int finished = __shfl_sync(kAll, beam, who);
      const float sum = __shfl_sync(kAll, score, who);
      if (lane == 0) {
        finish(kept_before, finished, sum, at);
      }
    }
    if (2 * beams - __popc(stops) < beams) {
      return kBroken;
    }
    const int slot = rank - __popc(stops & ((1u << rank) - 1));
    const bool taken = there && id != k.stop && slot < beams;
    if (taken) {
      out.parents[slot] = beam;
      out.tokens[slot] = id;
      k.ids[first + slot] = id;
      k.sums[first + slot] = score;
    }
    const bool moves = __ballot_sync(kAll, taken && beam != slot) != 0;
    const float best = __shfl_sync(kAll, score, __ffs(static_cast<int>(__ballot_sync(kAll, there && rank == 0))) - 1);
    if (lane != 0) {
      return kOpen;
    }
    out.forking = moves;
    return kept_before >= beams && kept(worst()) >= normalised(best, step + 1) ? kStopped : kOpen;
  }

  __device__ int columns(int positions) const { return (positions + k.block_size - 1) / k.block_size; }

  __device__ void keep_finished() const {
    for (int place = 0; place < beams; place++) {
      if (out.copies[place] >= 0) {
        const int* from = history(out.copies[place]) + kPrompt;
        int* to = k.finished + static_cast<int64_t>(first + place) * k.finished_row;
        for (int c = threadIdx.x; c < step; c += kThreads) {
          to[c] = from[c];
        }
      }
    }
  }

  // Columns of row b become those of its parent: a thread has whole columns. then(b, value) sees what they are.
  template <class Then>
  __device__ void fork(int* rows, int row, int c, Then then) const {
    int column[kMostBeams];
#pragma unroll
    for (int b = 0; b < kMostBeams; b++) {
      if (b < beams) {
        column[b] = rows[static_cast<int64_t>(out.forking ? out.parents[b] : b) * row + c];
      }
    }
#pragma unroll
    for (int b = 0; b < kMostBeams; b++) {
      if (b < beams) {
        if (out.forking) {
          rows[static_cast<int64_t>(b) * row + c] = column[b];
        }
        then(b, column[b]);
      }
    }
  }

  // All threads. Tables before histories: more waits for them.
  __device__ void follow(int length) const {
    const bool open = out.end == kOpen;
    const int count = min(k.chain, columns(length)), newest = length % k.block_size == 0 ? -1 : length / k.block_size;
    for (int c = threadIdx.x; c < count && (open || out.forking); c += kThreads) {
      fork(table(0), k.table_row, c, [&](int b, int block) {
        if (open) {
          k.marks[block] = step + 1;
        }
        if (c == newest) {
          out.newest[b] = block;
        }
      });
    }
    for (int c = threadIdx.x; c < kPrompt + step && out.forking; c += kThreads) {
      fork(history(0), k.history_row, c, [](int, int) {});
    }
    if (beams > 1 && static_cast<int>(threadIdx.x) < beams) {
      history(threadIdx.x)[kPrompt + step] = out.tokens[threadIdx.x];
    }
  }

  // Which own blocks no beam names, one bit for each. own: the thread's first.
  __device__ void search_free(int own) const {
    for (int i = threadIdx.x; i < (held + 31) / 32 * 32; i += kThreads) {
      const bool there = i < held && k.marks[i < kThreads ? own : owned()[i]] != step + 1;
      const uint32_t bits = __ballot_sync(kAll, there);
      if (i % 32 == 0) {
        out.free[i / 32] = bits;
      }
    }
  }

  // The first warp, a lane for each beam: a place for the next position.
  __device__ int place(int length) const {
    const int lane = threadIdx.x, size = k.block_size, column = length / size, fill = length % size;
    const bool there = lane < beams;
    int block = there && fill != 0 ? out.newest[lane] : 0;
    bool wants = there && fill == 0;
    for (int b = 0; b + 1 < beams; b++) {
      const int other = __shfl_sync(kAll, block, b);
      wants |= there && b < lane && other == block;
    }
    const uint32_t all = __ballot_sync(kAll, wants);
    const int turn = __popc(all & ((1u << lane) - 1));
    int free = 0, mine = -1;
    for (int word = 0; word < (held + 31) / 32; word++) {
      uint32_t bits = out.free[word];
      const int here = __popc(bits);
      if (wants && turn >= free && turn < free + here) {
        for (int i = free; i < turn; i++) {
          bits &= bits - 1;
        }
        mine = word * 32 + __ffs(static_cast<int>(bits)) - 1;
      }
      free += here;
    }
    if (mine >= 0) {
      const int next = owned()[mine];
      k.marks[next] = step + 1;
      int* pair = k.pairs + static_cast<int64_t>(first + lane) * k.pairs_row;
      pair[0] = fill == 0 ? 0 : block;
      pair[1] = fill == 0 ? 0 : next;
      k.fills[first + lane] = fill;
      table(lane)[column] = next;
      block = next;
    }
    if (lane == 0) {
      k.spare[s] = max(free - __popc(all), 0);
    }
    if (free < __popc(all)) {
      return kNoRoom;
    }
    if (there) {
      k.slots[first + lane] = block * size + fill;
      k.lengths[first + lane] = length + 1;
      k.positions[first + lane] = step + 2;
    }
    return kOpen;
  }

  // The first thread: what comes of it.
  __device__ void conclude(int end, int most, int length) const {
    out.broken = end == kBroken;
    if (end != kBroken) {
      k.steps[s] = step + 1;
    }
    const bool full = step + 1 >= most || step + kPrompt + 1 >= k.capacity;
    out.end = end != kOpen ? end : full ? kFull : length / k.block_size >= k.chain ? kNoRoom : kOpen;
  }

  __device__ void advance() const {
    const int own = static_cast<int>(threadIdx.x) < held ? owned()[threadIdx.x] : 0, length = k.lengths[first], most = k.most[s];
    const bool open = k.ends[s] == kOpen;
    if (static_cast<int>(threadIdx.x) < width) {
      k.fills[first + threadIdx.x] = 0;
      k.pairs[static_cast<int64_t>(first + threadIdx.x) * k.pairs_row] = 0;
      k.pairs[static_cast<int64_t>(first + threadIdx.x) * k.pairs_row + 1] = 0;
      out.copies[threadIdx.x] = -1;
      out.forking = false;
      out.finishing = false;
    }
    if (!open) {
      return;
    }
    __syncthreads();
    if (threadIdx.x < 32) {
      const int end = beams > 1 ? search() : threadIdx.x == 0 ? say() : kOpen;
      if (threadIdx.x == 0) {
        conclude(end, most, length);
      }
    }
    __syncthreads();
    if (out.finishing) {
      keep_finished();
      __syncthreads();
    }
    if (!out.broken) {
      follow(length);
    }
    if (out.end == kOpen) {
      __syncthreads();
      search_free(own);
      __syncthreads();
    }
    if (threadIdx.x < 32) {
      const int end = out.end == kOpen ? place(length) : out.end;
      if (threadIdx.x == 0) {
        k.ends[s] = end;
      }
    }
  }
};

}  // namespace

// Local memory of advance_beams: on compute 12.0, around the power that finished hypotheses are compared by.
extern "C" __global__ void __launch_bounds__(kThreads)
    advance_beams(const int* drawn, const float* picked, const int* beams, const int* most, const float* penalty, const int* owned, const int* held, int* steps, int* ends,
                  int* kept, int* spare, float* sums, int* history, int* finished, float* finished_sums, int* finished_at, int* table, int* marks, int* lengths, int* ids,
                  int* positions, int* slots, int* pairs, int* fills, int vocabulary, int stop, int block_size, int drawn_row, int picked_row, int owned_row, int history_row,
                  int finished_row, int table_row, int pairs_row, int sequences, int draws, int allotment, int rows, int capacity, int chain, int blocks, int two, void*) {
  __shared__ Decision decision;
  begin_early();
  const Books books = {drawn, picked, beams, most, penalty, owned, held, steps, ends, kept, spare, sums, history, finished, finished_sums, finished_at, table, marks, lengths, ids,
                       positions, slots, pairs, fills, vocabulary, stop, block_size, drawn_row, picked_row, owned_row, history_row, finished_row, table_row, pairs_row, sequences,
                       draws, rows, capacity, blocks, allotment, chain};
  Sequence(books, decision).advance();
}
