package dev.syrinx.verify;

import dev.syrinx.backend.Ops;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** What the stages work with: the model, the golden data and the taps seen since the last {@link #forget}. */
final class VerifyContext {
  final ModelFolder folder;
  final IndexTts2 model;
  final GoldenData golden;
  final Ops ops;
  private final Map<String, float[]> seen = new HashMap<>();

  VerifyContext(ModelFolder folder, IndexTts2 model, GoldenData golden, dev.syrinx.backend.Backend backend) {
    this.folder = folder;
    this.model = model;
    this.golden = golden;
    this.ops = new Ops(backend, (name, tensor) -> seen.putIfAbsent(name, downloaded(backend, tensor)));
  }

  private static float[] downloaded(dev.syrinx.backend.Backend backend, Tensor tensor) {
    return new Ops(backend, dev.syrinx.backend.Taps.NONE).download(tensor);
  }

  void forget() {
    seen.clear();
  }

  /** An intermediate result by its tap; empty if the model never showed it, which then fails the comparison. */
  float[] tap(String name) {
    return seen.getOrDefault(name, new float[0]);
  }

  /** A golden {@code [1, rows, columns]} or {@code [rows, columns]} tensor on the device. */
  Tensor matrix(String reference) {
    return ops.upload(golden.floats(reference), golden.dim(reference, -2), golden.dim(reference, -1));
  }

  /** A golden {@code [1, channels, time]} tensor as {@code [time, channels]}. */
  Tensor timeMajor(String reference) {
    int channels = golden.dim(reference, -2);
    int time = golden.dim(reference, -1);
    return ops.upload(Arrangement.transposed(golden.floats(reference), time), time, channels);
  }
}
