/** The engine on a CUDA device: {@link dev.syrinx.backend.cuda.CudaBackend} and what it is made of. */
package dev.syrinx.backend.cuda;
