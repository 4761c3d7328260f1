/** NVIDIA's matrix products, where its library is installed: the yardstick for kernels of our own, and a choice beside them. */
package dev.syrinx.ffi.cublas;
