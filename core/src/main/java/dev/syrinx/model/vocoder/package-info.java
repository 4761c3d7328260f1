/** From log-mel spectrograms to waveforms: BigVGAN (Lee et al. 2023), time-major, {@code [samples, channels]}. */
package dev.syrinx.model.vocoder;
