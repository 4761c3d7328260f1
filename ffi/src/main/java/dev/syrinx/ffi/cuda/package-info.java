/** The CUDA driver and the libraries beside it, bound by Panama. Absence is a reason with a remedy, never an error. */
package dev.syrinx.ffi.cuda;
