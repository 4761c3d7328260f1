/**
 * Checkpoints: safetensors files and PyTorch archives, mapped and checked, and the configuration beside them. A file is a stranger until
 * proven otherwise: everything it says is checked before memory is spent on it, and nothing in it is ever executed.
 */
package dev.syrinx.weights;
