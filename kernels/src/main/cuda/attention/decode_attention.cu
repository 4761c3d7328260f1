// One query per sequence over a paged cache, bound by reading keys and values once. Which threads read which positions depends on nothing but the sequence's length, and
// partial results are put together in a fixed order: a sequence gives the same bytes alone and in a batch.
//
// Ladder (20 heads of 64, 340 positions: 3.5 MB; H100, floor 1.4 us of ramp + 1.1 us):
//   one block per head                                       predicted  7 us      got -     20 of 132 multiprocessors
//   keys split over blocks, a second launch adds them up     predicted  3.8 us    got -
//   a cluster of 8 blocks per head, added up in place        predicted  3.2 us    got -
#include "attention/softmax.cuh"
#include "common/machine.cuh"
#include "common/quads.cuh"

namespace {

constexpr int CHUNK = 64;     // positions of a block of the split form
constexpr int THREADS = 128;  // of such a block
constexpr int CLUSTER = 8, CLUSTER_THREADS = 256;

struct DecodeCall {
  const float* q;                  // [batch][width]
  const void *keys, *values;       // [slots][kv_width], floats or halves
  const int *table, *lengths;      // [batch][blocks], [batch]
  float* y;                        // [batch][width]
  int block_size, heads, kv_heads;
  float scale;
  int q_row, keys_row, values_row, table_row, y_row, batch, width, slots, blocks;
  float* scratch;

  __device__ int d() const { return width / heads; }
  __device__ int length(int b) const { return max(0, min(lengths[b], blocks * block_size)); }

  // The cache row of position p. Ids that a replay finds in unused places of the table must not lead outside the cache.
  __device__ int64_t row(int b, int p) const {
    const int block = p / block_size;
    const int id = max(0, min(table[static_cast<int64_t>(b) * table_row + block], slots / block_size - 1));
    return static_cast<int64_t>(id) * block_size + (p - block * block_size);
  }
};

#define DECODE_ENTRY(name, threads, cluster, function)                                                                                             \
  extern "C" __global__ void cluster __launch_bounds__(threads, 2)                                                                                   \
      name(const float* q, const void* keys, const void* values, const int* table, const int* lengths, float* y, int block_size, int heads,      \
           int kv_heads, float scale, int q_row, int keys_row, int values_row, int table_row, int y_row, int batch, int width, int slots,          \
           int kv_width, int blocks, void* scratch) {                                                                                              \
    function(DecodeCall{q, keys, values, table, lengths, y, block_size, heads, kv_heads, scale, q_row, keys_row, values_row, table_row, y_row,     \
                        batch, width, slots, blocks, static_cast<float*>(scratch)});                                                              \
  }

// One head's attention over some positions by a group of GROUP lanes, 4 x QUADS columns for each lane: columns 4 (lane + GROUP j) and the next three. T: of keys and values.
template <class T, int GROUP, int QUADS>
struct Reader {
  static constexpr int AT_ONCE = QUADS == 1 ? 4 : 2;  // positions whose keys and values are under way together

  const DecodeCall& c;
  const int d, lane;
  bool wide;
  float4 q[QUADS];
  float4 sum[QUADS];
  float most = NOTHING_SEEN, weights = 0;

  __device__ Reader(const DecodeCall& call, int b, int head) : c(call), d(call.d()), lane(threadIdx.x % GROUP) {
    const int64_t column = static_cast<int64_t>(head / (c.heads / c.kv_heads)) * d;
    keys = static_cast<const T*>(c.keys) + column;
    values = static_cast<const T*>(c.values) + column;
    wide = d % 4 == 0 && aligned4(keys, c.keys_row) && aligned4(values, c.values_row);
    const float* query = c.q + static_cast<int64_t>(b) * c.q_row + static_cast<int64_t>(head) * d;
#pragma unroll
    for (int j = 0; j < QUADS; j++) {
      q[j] = load4(query + column_of(j), d - column_of(j), false);
      sum[j] = make_float4(0, 0, 0, 0);
    }
  }

  __device__ int column_of(int j) const { return 4 * (lane + GROUP * j); }

  // Positions from, from + step, ... below `to`. The groups of a warp have consecutive `from` and walk together.
  __device__ void read(int b, int from, int step, int to) {
    const int lowest = from - static_cast<int>(threadIdx.x % 32 / GROUP);
    const int rounds = lowest < to ? (to - 1 - lowest) / step + 1 : 0;
#pragma unroll 1
    for (int r = 0; r < rounds; r += AT_ONCE) {
      float4 k[AT_ONCE][QUADS], v[AT_ONCE][QUADS];
      bool there[AT_ONCE];
#pragma unroll
      for (int i = 0; i < AT_ONCE; i++) {
        const int p = from + (r + i) * step;
        there[i] = r + i < rounds && p < to;
        const int64_t row = there[i] ? c.row(b, p) : 0;
#pragma unroll
        for (int j = 0; j < QUADS; j++) {
          const int n = there[i] ? d - column_of(j) : 0;
          k[i][j] = load4(keys + row * c.keys_row + column_of(j), n, wide);
          v[i][j] = load4(values + row * c.values_row + column_of(j), n, wide);
        }
      }
      float score[AT_ONCE];
      float highest = most;
#pragma unroll
      for (int i = 0; i < AT_ONCE; i++) {
        const float product = whole(dot(k[i]));
        score[i] = there[i] ? c.scale * product : NOTHING_SEEN;
        highest = fmaxf(highest, score[i]);
      }
      add(score, there, highest, v);
    }
  }

  // Sums, weights and largest score of another group's positions, `apart` lanes away, to these. The lower group's result is the one to use.
  __device__ void merge(int apart) {
    const float other_most = __shfl_xor_sync(0xffffffffu, most, apart), other_weights = __shfl_xor_sync(0xffffffffu, weights, apart);
    const float highest = fmaxf(most, other_most);
    const float mine = rescale(most, highest), theirs = rescale(other_most, highest);
    weights = weights * mine + other_weights * theirs;
#pragma unroll
    for (int j = 0; j < QUADS; j++) {
      sum[j] = map4(sum[j], sum[j], [&](float s, float) { return s * mine + __shfl_xor_sync(0xffffffffu, s, apart) * theirs; });
    }
    most = highest;
  }

 private:
  const T *keys, *values;

  __device__ float dot(const float4 (&k)[QUADS]) const {
    float s = 0;
#pragma unroll
    for (int j = 0; j < QUADS; j++) {
      s = fmaf(q[j].w, k[j].w, fmaf(q[j].z, k[j].z, fmaf(q[j].y, k[j].y, fmaf(q[j].x, k[j].x, s))));
    }
    return s;
  }

  // The sum over the group's lanes.
  __device__ float whole(float s) const {
#pragma unroll
    for (int apart = GROUP / 2; apart > 0; apart /= 2) {
      s += __shfl_xor_sync(0xffffffffu, s, apart);
    }
    return s;
  }

  __device__ void add(const float (&score)[AT_ONCE], const bool (&there)[AT_ONCE], float highest, const float4 (&v)[AT_ONCE][QUADS]) {
    const float factor = rescale(most, highest);
    most = highest;
    weights *= factor;
#pragma unroll
    for (int j = 0; j < QUADS; j++) {
      sum[j] = map4(sum[j], [&](float s) { return s * factor; });
    }
#pragma unroll
    for (int i = 0; i < AT_ONCE; i++) {
      const float weight = there[i] ? expf(score[i] - anchor(most)) : 0.0f;
      weights += weight;
#pragma unroll
      for (int j = 0; j < QUADS; j++) {
        sum[j] = map4(v[i][j], sum[j], [&](float value, float s) { return fmaf(weight, value, s); });
      }
    }
  }
};

// A partial result is the largest score, the sum of the weights, and d sums.
__device__ __forceinline__ int partial_floats(int d) { return d + 2; }

// Float i of several partial results put together; read(k, i) is float i of the k-th.
template <class Read>
__device__ __forceinline__ float together(int count, int i, Read read) {
  float most = NOTHING_SEEN;
  for (int k = 0; k < count; k++) {
    most = fmaxf(most, read(k, 0));
  }
  if (i == 0) {
    return most;
  }
  float sum = 0;
  for (int k = 0; k < count; k++) {
    sum += read(k, i) * rescale(read(k, 0), most);
  }
  return sum;
}

// Column i of the average that several partial results make.
template <class Read>
__device__ __forceinline__ float average(int count, int i, Read read) {
  float most = NOTHING_SEEN;
#pragma unroll 8
  for (int k = 0; k < count; k++) {
    most = fmaxf(most, read(k, 0));
  }
  float weights = 0, sum = 0;
#pragma unroll 8
  for (int k = 0; k < count; k++) {
    const float factor = rescale(read(k, 0), most);
    weights += read(k, 1) * factor;
    sum += read(k, 2 + i) * factor;
  }
  return sum / weights;
}

// Which positions of [from, to) a block reads: every ranks-th run of as many positions as it has groups.
struct Span {
  int from, to, rank, ranks;
};

// A block's partial result, to `out`; `warps` is shared memory for one more of each warp.
template <class T, int GROUP, int QUADS>
__device__ void block_partial(const DecodeCall& c, int b, int head, Span span, float* warps, float* out) {
  const int groups = blockDim.x / GROUP;
  Reader<T, GROUP, QUADS> reader(c, b, head);
  reader.read(b, span.from + span.rank * groups + threadIdx.x / GROUP, span.ranks * groups, span.to);
#pragma unroll
  for (int apart = GROUP; apart < 32; apart *= 2) {
    reader.merge(apart);
  }
  const int each = partial_floats(reader.d);
  float* mine = warps + threadIdx.x / 32 * each;
  if (threadIdx.x % 32 == 0) {
    mine[0] = reader.most;
    mine[1] = reader.weights;
  }
  if (threadIdx.x % 32 < GROUP) {
#pragma unroll
    for (int j = 0; j < QUADS; j++) {
      store4(mine + 2 + reader.column_of(j), reader.sum[j], reader.d - reader.column_of(j), false);
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < each; i += blockDim.x) {
    out[i] = together(blockDim.x / 32, i, [&](int warp, int at) { return warps[warp * each + at]; });
  }
}

// As few lanes for a position as hold its columns.
template <class T>
__device__ __forceinline__ void head_partial(const DecodeCall& c, int b, int head, Span span, float* warps, float* out) {
  const int d = c.d();
  if (d <= 16) {
    block_partial<T, 4, 1>(c, b, head, span, warps, out);
  } else if (d <= 32) {
    block_partial<T, 8, 1>(c, b, head, span, warps, out);
  } else if (d <= 64) {
    block_partial<T, 16, 1>(c, b, head, span, warps, out);
  } else if (d <= 128) {
    block_partial<T, 32, 1>(c, b, head, span, warps, out);
  } else {
    block_partial<T, 32, 2>(c, b, head, span, warps, out);
  }
}

// Grid: (chunks of a full table) x (heads) x (sequences).
template <class T>
__device__ __forceinline__ void split(const DecodeCall& c) {
  SYRINX_DYNAMIC_SHARED(memory);
  const int b = blockIdx.z, head = blockIdx.y;
  const Span span = {static_cast<int>(blockIdx.x) * CHUNK, min(c.length(b), static_cast<int>(blockIdx.x + 1) * CHUNK), 0, 1};
  if (span.from < span.to) {
    const int64_t place = (static_cast<int64_t>(b) * c.heads + head) * gridDim.x + blockIdx.x;
    head_partial<T>(c, b, head, span, reinterpret_cast<float*>(memory), c.scratch + place * partial_floats(c.d()));
  }
}

// Grid: (heads) x (sequences).
__device__ __forceinline__ void combine(const DecodeCall& c) {
  const int b = blockIdx.y, head = blockIdx.x, each = partial_floats(c.d());
  const int chunks = (c.blocks * c.block_size + CHUNK - 1) / CHUNK, used = (c.length(b) + CHUNK - 1) / CHUNK;
  const float* parts = c.scratch + (static_cast<int64_t>(b) * c.heads + head) * chunks * each;
  const auto read = [&](int chunk, int i) { return parts[chunk * each + i]; };
  for (int i = threadIdx.x; i < c.d(); i += blockDim.x) {
    c.y[static_cast<int64_t>(b) * c.y_row + static_cast<int64_t>(head) * c.d() + i] = used == 0 ? 0.0f : average(used, i, read);
  }
}

// Grid: (CLUSTER blocks of each head) x (sequences).
template <class T>
__device__ __forceinline__ void cluster(const DecodeCall& c) {
  SYRINX_DYNAMIC_SHARED(memory);
  const int b = blockIdx.y, head = blockIdx.x / CLUSTER, rank = blockIdx.x % CLUSTER, each = partial_floats(c.d());
  float* own = reinterpret_cast<float*>(memory);
  head_partial<T>(c, b, head, Span{0, c.length(b), rank, CLUSTER}, own + each, own);
  cluster_sync();
  const int columns = (c.d() + CLUSTER - 1) / CLUSTER;
  const auto read = [&](int block, int i) { return cluster_read(own + i, block); };
  for (int i = rank * columns + threadIdx.x; i < min(c.d(), (rank + 1) * columns); i += blockDim.x) {
    c.y[static_cast<int64_t>(b) * c.y_row + static_cast<int64_t>(head) * c.d() + i] = c.length(b) == 0 ? 0.0f : average(CLUSTER, i, read);
  }
  cluster_sync();  // a block's memory must last until all have read it
}

}  // namespace

DECODE_ENTRY(decode_attention_split, THREADS, , split<float>)
DECODE_ENTRY(decode_attention_split_half, THREADS, , split<__half>)
DECODE_ENTRY(decode_attention_combine, THREADS, , combine)
DECODE_ENTRY(decode_attention_cluster, CLUSTER_THREADS, SYRINX_CLUSTER(CLUSTER), cluster<float>)
DECODE_ENTRY(decode_attention_cluster_half, CLUSTER_THREADS, SYRINX_CLUSTER(CLUSTER), cluster<__half>)
