/**
 * From codes and latents to a mel spectrogram (IndexTTS2, section "S2M"): projection of the latents, length regulation, and flow matching
 * with a diffusion transformer under classifier-free guidance.
 *
 * <p>Matrices are time-major {@code [frames, channels]}. Mels are natural logarithms, {@code [frames, mels]}.
 */
package dev.syrinx.model.acoustic;
