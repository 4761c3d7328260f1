// What a step's draws say: one block for each sequence. One thread decides, all copy and search. See AdvanceBeams.java for the rules and BeamBooks.java for the steps.
//
// Ladder (3 beams, 340 positions in blocks of 16, H100): predicted 4 us, got -
#include <stdint.h>

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

// What the deciding thread tells the others.
struct Decision {
  int parents[kMostBeams];
  int copies[kMostBeams];       // hypothesis b takes over the history of beam copies[b], or -1
  int order[kMostBeams];        // hypotheses in the order in which they came
  int finishes;
  int wants[kMostBeams];
  uint32_t free[kMostBlocks / 32];
  int end;
};

struct Sequence {
  const Books& k;
  Decision& out;
  const int s, width, beams, first, step;

  __device__ Sequence(const Books& books, Decision& decision)
      : k(books), out(decision), s(blockIdx.x), width(books.rows / books.sequences), beams(min(max(books.beams[s], 1), width)), first(s * width), step(books.steps[s]) {}

  __device__ const int* drawn() const { return k.drawn + static_cast<int64_t>(s) * k.drawn_row; }
  __device__ const float* picked() const { return k.picked + static_cast<int64_t>(s) * k.picked_row; }
  __device__ int* history(int b) const { return k.history + static_cast<int64_t>(first + b) * k.history_row; }
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

  // History is copied by all threads, before it is forked.
  __device__ void finish(int beam, float sum, int rank) const {
    const int count = min(k.kept[s], beams);
    int place = count;
    if (count == beams) {
      place = worst();
      if (!(normalised(sum, step + 1) > kept(place))) {
        return;
      }
    }
    k.kept[s] = min(beams, count + 1);
    k.finished_sums[first + place] = sum;
    k.finished_at[first + place] = step * kRanks + rank;
    out.copies[place] = beam;
  }

  // With beams: what the first thread decides.
  __device__ int search() const {
    int order[2 * kMostBeams];
    for (int i = 0; i < 2 * beams; i++) {
      const float score = picked()[i];
      if (score != score) {
        return kBroken;
      }
      int at = i;
      for (; at > 0 && score > picked()[order[at - 1]]; at--) {
        order[at] = order[at - 1];
      }
      order[at] = i;
    }
    if (step + kPrompt >= k.capacity) {
      return kBroken;
    }
    int taken = 0;
    for (int rank = 0; rank < 2 * beams && taken < beams; rank++) {
      const int index = drawn()[order[rank]], beam = min(index / k.vocabulary, beams - 1), id = index % k.vocabulary;
      const float sum = picked()[order[rank]];
      if (id != k.stop) {
        out.parents[taken] = beam;
        out.order[taken++] = order[rank];
      } else if (rank < beams) {
        finish(beam, sum, rank);
      }
    }
    if (taken < beams) {
      return kBroken;
    }
    const bool settled = k.kept[s] >= beams && kept(worst()) >= normalised(picked()[order[0]], step + 1);
    for (int b = 0; b < beams; b++) {
      k.ids[first + b] = drawn()[out.order[b]] % k.vocabulary;
      k.sums[first + b] = picked()[out.order[b]];
    }
    return settled ? kStopped : kOpen;
  }

  __device__ int columns(int positions) const { return (positions + k.block_size - 1) / k.block_size; }

  // Columns 0 to count - 1 of row b become those of its parent: a thread has whole columns.
  __device__ void fork(int* rows, int row, int count) const {
    for (int c = threadIdx.x; c < count; c += kThreads) {
      int column[kMostBeams];
#pragma unroll
      for (int b = 0; b < kMostBeams; b++) {
        if (b < beams) {
          column[b] = rows[static_cast<int64_t>(out.parents[b]) * row + c];
        }
      }
#pragma unroll
      for (int b = 0; b < kMostBeams; b++) {
        if (b < beams) {
          rows[static_cast<int64_t>(b) * row + c] = column[b];
        }
      }
    }
  }

  // All threads. Hypotheses first: they take over what beams said before.
  __device__ void follow(bool going_on) const {
    for (int place = 0; place < beams; place++) {
      if (out.copies[place] >= 0) {
        const int* from = history(out.copies[place]) + kPrompt;
        int* to = k.finished + static_cast<int64_t>(first + place) * k.finished_row;
        for (int c = threadIdx.x; c < step; c += kThreads) {
          to[c] = from[c];
        }
      }
    }
    if (!going_on) {
      return;
    }
    __syncthreads();
    fork(history(0), k.history_row, kPrompt + step);
    fork(table(0), k.table_row, min(k.chain, columns(k.lengths[first])));
    __syncthreads();
    if (static_cast<int>(threadIdx.x) < beams) {
      history(threadIdx.x)[kPrompt + step] = k.ids[first + threadIdx.x];
    }
  }

  // Which own blocks no beam names, one bit for each.
  __device__ void search_free(int length) const {
    const int count = columns(length);
    for (int i = threadIdx.x; i < beams * count; i += kThreads) {
      k.marks[table(i / count)[i % count]] = step + 1;
    }
    __syncthreads();
    const int held = min(max(k.held[s], 0), k.allotment);
    for (int i = threadIdx.x; i < (held + 31) / 32 * 32; i += kThreads) {
      const bool there = i < held && k.marks[k.owned[static_cast<int64_t>(s) * k.owned_row + i]] != step + 1;
      const uint32_t bits = __ballot_sync(0xffffffffu, there);
      if (i % 32 == 0) {
        out.free[i / 32] = bits;
      }
    }
    __syncthreads();
  }

  // The first thread: a place for the next position of every beam.
  __device__ int place(int length) const {
    const int size = k.block_size, column = length / size, fill = length % size;
    for (int b = 0; b < beams; b++) {
      out.wants[b] = fill == 0;
      for (int other = 0; other < b; other++) {
        out.wants[b] |= table(b)[column] == table(other)[column];
      }
    }
    int next = 0, left = 0;
    const int held = min(max(k.held[s], 0), k.allotment);
    for (int word = 0; word < (held + 31) / 32; word++) {
      for (uint32_t bits = out.free[word]; bits != 0; bits &= bits - 1) {
        while (next < beams && out.wants[next] == 0) {
          next++;
        }
        if (next == beams) {
          left += __popc(bits);
          break;
        }
        const int block = k.owned[static_cast<int64_t>(s) * k.owned_row + word * 32 + __ffs(bits) - 1];
        k.marks[block] = step + 1;
        int* pair = k.pairs + static_cast<int64_t>(first + next) * k.pairs_row;
        pair[0] = fill == 0 ? 0 : table(next)[column];
        pair[1] = fill == 0 ? 0 : block;
        k.fills[first + next] = fill;
        table(next)[column] = block;
        next++;
      }
    }
    k.spare[s] = left;
    while (next < beams && out.wants[next] == 0) {
      next++;
    }
    if (next < beams) {
      return kNoRoom;
    }
    for (int b = 0; b < beams; b++) {
      k.slots[first + b] = table(b)[column] * size + fill;
      k.lengths[first + b] = length + 1;
      k.positions[first + b] = step + 2;
    }
    return kOpen;
  }

  __device__ void advance() const {
    if (static_cast<int>(threadIdx.x) < width) {
      k.fills[first + threadIdx.x] = 0;
      k.pairs[static_cast<int64_t>(first + threadIdx.x) * k.pairs_row] = 0;
      k.pairs[static_cast<int64_t>(first + threadIdx.x) * k.pairs_row + 1] = 0;
      out.copies[threadIdx.x] = -1;
    }
    const bool open = k.ends[s] == kOpen;
    const int length = k.lengths[first];
    __syncthreads();
    if (!open) {
      return;
    }
    if (threadIdx.x == 0) {
      out.end = beams > 1 ? search() : say();
    }
    __syncthreads();
    if (beams > 1) {
      follow(out.end != kBroken);
      __syncthreads();
    }
    if (threadIdx.x == 0) {
      if (out.end != kBroken) {
        k.steps[s] = step + 1;
      }
      if (out.end == kOpen) {
        out.end = step + 1 >= k.most[s] || step + kPrompt + 1 >= k.capacity ? kFull : length / k.block_size >= k.chain ? kNoRoom : kOpen;
      }
    }
    __syncthreads();
    if (out.end == kOpen) {
      search_free(length);
    }
    if (threadIdx.x == 0) {
      k.ends[s] = out.end == kOpen ? place(length) : out.end;
    }
  }
};

}  // namespace

// Local memory of advance_beams: the order of the draws, in one thread.
extern "C" __global__ void __launch_bounds__(kThreads)
    advance_beams(const int* drawn, const float* picked, const int* beams, const int* most, const float* penalty, const int* owned, const int* held, int* steps, int* ends,
                  int* kept, int* spare, float* sums, int* history, int* finished, float* finished_sums, int* finished_at, int* table, int* marks, int* lengths, int* ids,
                  int* positions, int* slots, int* pairs, int* fills, int vocabulary, int stop, int block_size, int drawn_row, int picked_row, int owned_row, int history_row,
                  int finished_row, int table_row, int pairs_row, int sequences, int draws, int allotment, int rows, int capacity, int chain, int blocks, int two, void*) {
  __shared__ Decision decision;
  const Books books = {drawn, picked, beams, most, penalty, owned, held, steps, ends, kept, spare, sums, history, finished, finished_sums, finished_at, table, marks, lengths, ids,
                       positions, slots, pairs, fills, vocabulary, stop, block_size, drawn_row, picked_row, owned_row, history_row, finished_row, table_row, pairs_row, sequences,
                       draws, rows, capacity, blocks, allotment, chain};
  Sequence(books, decision).advance();
}
