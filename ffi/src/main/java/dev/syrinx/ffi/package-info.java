/** How Java reaches native code: libraries that may be missing, checked calls into them, and errors that name the call. No mathematics. */
package dev.syrinx.ffi;
