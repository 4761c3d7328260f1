// A kernel of your own in place of the engine's: layer normalisation, one block a row, three passes over it. Simple, not fast.
//
//   nvcc -ptx -arch=compute_80 -o layer_norm.ptx examples/layer_norm.cu
//   syrinx kernels layer_norm                                  shows the parameters that an entry must have
//   syrinx speak "Hello." --device cuda:0 --fusion off --kernel layer_norm=layer_norm.ptx:my_layer_norm@t/128
//
// It runs once it has passed every case of the operation against the scalar reference, NaN and misaligned rows included; 'speak' then prints its time on the calls of the
// sentence beside that of the engine's kernel. --fusion off because the resident decode kernel would normalise by itself.
//
// Parameters, in this order: those of the declaration (a pointer that is null where a buffer is absent, an int or a float), the row stride in elements of every buffer of two
// axes, the extent of every axis, and scratch memory (null for a kernel from a file). '@t/128': a block for each t, 128 threads; without it 16 blocks a multiprocessor of 256
// threads, which must walk over all items themselves.

__device__ float block_sum(float value) {
  __shared__ float parts[32];
  for (int d = 16; d > 0; d /= 2) value += __shfl_xor_sync(0xffffffffu, value, d);
  __syncthreads();  // parts of the sum before may still be read
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < blockDim.x / 32; i++) sum += parts[i];  // the same order in all threads: the same bytes
  return sum;
}

extern "C" __global__ void my_layer_norm(const float* x, const float* weight, const float* bias, float* y, float eps, int x_row, int y_row, int t, int c, void* scratch) {
  for (long long row = blockIdx.x; row < t; row += gridDim.x) {
    const float* from = x + row * x_row;
    float sum = 0;
    for (int i = threadIdx.x; i < c; i += blockDim.x) sum += from[i];
    const float mean = block_sum(sum) / c;
    float squares = 0;
    for (int i = threadIdx.x; i < c; i += blockDim.x) squares += (from[i] - mean) * (from[i] - mean);
    const float factor = 1.0f / sqrtf(block_sum(squares) / c + eps);
    for (int i = threadIdx.x; i < c; i += blockDim.x) {
      y[row * y_row + i] = (from[i] - mean) * factor * (weight ? weight[i] : 1.0f) + (bias ? bias[i] : 0.0f);
    }
  }
}
