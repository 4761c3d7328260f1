// The running softmax that all attention kernels share: sums relative to the largest score so far.
#pragma once

constexpr float NOTHING_SEEN = -INFINITY;

// What the scores are taken relative to. Rows of -inf alone must become 0 / 0, not exp(inf).
__device__ __forceinline__ float anchor(float most) { return most == NOTHING_SEEN ? 0.0f : most; }

// The factor of sums relative to `before` once the largest score is `most`; equal infinities must not meet.
__device__ __forceinline__ float rescale(float before, float most) { return before == most ? 1.0f : expf(before - anchor(most)); }
